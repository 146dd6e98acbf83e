package io.ublkdisk.junit;

import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.control.FileSystem;
import io.ublkdisk.script.Script;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.JUnitException;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.ReflectionSupport;

/** The extension behind {@link CrashTest}: runs the program, and has each of its crash states checked as a test. */
final class CrashTestExtension extends DiskLifecycle implements TestTemplateInvocationContextProvider {
    private static final Namespace NAMESPACE = Namespace.create(CrashTestExtension.class);

    CrashTestExtension() {}

    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return AnnotationSupport.isAnnotated(context.getTestMethod(), CrashTest.class);
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        CrashTest settings = AnnotationSupport.findAnnotation(context.getRequiredTestMethod(), CrashTest.class)
                .orElseThrow();
        Method program = program(context.getRequiredTestClass(), settings.run());
        ServedDisk disk = Shelf.of(context).make(settings(settings, context));
        CrashLab lab = lab(disk, program, settings);
        // Closed before the shelf, which was there first.
        context.getStore(NAMESPACE).put(context.getUniqueId(), lab);
        return lab.states().stream().map(state -> new Invocation(lab, state));
    }

    private static CrashLab lab(ServedDisk disk, Method program, CrashTest settings) {
        try {
            RecordedRun run = new RecordedRun(disk);
            program.invoke(null, run);
            return new CrashLab(disk, run, settings);
        } catch (InvocationTargetException e) {
            throw new JUnitException(
                    "the run " + program.getName() + " fails, so there is nothing to crash: " + e.getCause(),
                    e.getCause());
        } catch (ReflectiveOperationException | IOException e) {
            throw new JUnitException("no crash states of " + program.getName() + ": " + e.getMessage(), e);
        }
    }

    private static Method program(Class<?> type, String name) {
        Method found = ReflectionSupport.findMethod(type, name, CrashRun.class)
                .filter(method -> Modifier.isStatic(method.getModifiers()))
                .orElseThrow(() -> new ExtensionConfigurationException("@CrashTest(run = \"" + name + "\"): "
                        + type.getSimpleName() + " has no static method " + name + "(CrashRun); write one"));
        found.setAccessible(true);
        return found;
    }

    private static DiskSettings settings(CrashTest crash, ExtensionContext context) {
        String place = "@CrashTest " + context.getRequiredTestClass().getSimpleName() + "."
                + context.getRequiredTestMethod().getName();
        if (crash.mount() == FileSystem.NONE) {
            throw new ExtensionConfigurationException(
                    place + ": a crash test mounts its disks; choose a filesystem, for instance mount = EXT4");
        }
        try {
            DiskSpec.Builder spec = DiskSpec.builder().size(crash.size()).fileSystem(crash.mount());
            if (!crash.mountOptions().isEmpty()) {
                spec.mountOptions(crash.mountOptions());
            }
            Script none = Script.ofRules(OptionalLong.empty(), List.of());
            return new DiskSettings(place, DiskSettings.withFaults(spec, none), false, false);
        } catch (IllegalArgumentException wrong) {
            throw new ExtensionConfigurationException(place + ": " + wrong.getMessage(), wrong);
        }
    }

    /** One state as one test. */
    private record Invocation(CrashLab lab, String state)
            implements TestTemplateInvocationContext, ParameterResolver, InvocationInterceptor {
        @Override
        public String getDisplayName(int index) {
            return state;
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(this);
        }

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == CrashedDisk.class;
        }

        @Override
        public CrashedDisk resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return lab;
        }

        @Override
        public void interceptTestTemplateMethod(
                InvocationInterceptor.Invocation<Void> invocation,
                ReflectiveInvocationContext<Method> method,
                ExtensionContext context)
                throws Throwable {
            Object[] arguments = method.getArguments().toArray();
            boolean[] proceeded = {false};
            lab.test(
                    state,
                    () -> {
                        proceeded[0] = true;
                        invocation.proceed();
                    },
                    () -> ReflectionSupport.invokeMethod(
                            method.getExecutable(), method.getTarget().orElse(null), arguments));
            if (!proceeded[0]) {
                invocation.skip();
            }
        }
    }
}
