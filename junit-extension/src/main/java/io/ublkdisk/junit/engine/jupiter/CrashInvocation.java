package io.ublkdisk.junit.engine.jupiter;

import io.ublkdisk.junit.CrashTest;
import io.ublkdisk.junit.CrashedDisk;
import java.lang.invoke.MethodType;
import java.lang.reflect.Executable;
import java.lang.reflect.Parameter;
import java.util.List;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** One test of a {@link CrashTest}: gives it the disk that is shown, and the arguments of its run. */
abstract class CrashInvocation implements TestTemplateInvocationContext, ParameterResolver, InvocationInterceptor {
    private final CrashedDisk shown;
    private final List<Object> arguments;
    /** Whether something has got the disk. */
    private boolean given;

    CrashInvocation(CrashedDisk shown, List<Object> arguments) {
        this.shown = shown;
        this.arguments = arguments;
    }

    @Override
    public List<Extension> getAdditionalExtensions() {
        return List.of(this);
    }

    boolean hasGivenDisk() {
        return given;
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return isDisk(parameter.getParameter()) || argument(parameter.getParameter()) >= 0;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        if (isDisk(parameter.getParameter())) {
            given = true;
            return shown;
        }
        return arguments.get(argument(parameter.getParameter()));
    }

    private static boolean isDisk(Parameter parameter) {
        return parameter.getType() == CrashedDisk.class;
    }

    /** Returns which argument of the run it gets; -1 for none. */
    private int argument(Parameter wanted) {
        Executable check = wanted.getDeclaringExecutable();
        if (!AnnotationSupport.isAnnotated(check, CrashTest.class)) {
            return -1;
        }
        int index = 0;
        for (Parameter parameter : check.getParameters()) {
            if (parameter.equals(wanted)) {
                return index < arguments.size() && fits(parameter.getType(), arguments.get(index)) ? index : -1;
            }
            index += isDisk(parameter) ? 0 : 1;
        }
        return -1;
    }

    private static boolean fits(Class<?> type, Object value) {
        return value == null
                ? !type.isPrimitive()
                : type.isInstance(value)
                        || type.isPrimitive()
                                && MethodType.methodType(type)
                                        .wrap()
                                        .returnType()
                                        .isInstance(value);
    }
}
