package io.ublkdisk.junit;

import java.lang.reflect.Field;
import java.util.List;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The extension behind {@link UblkDisk}. Three doors, static field, instance field and parameter, lead to a {@link ContextDisks}. */
final class AnnotatedDiskExtension extends DiskLifecycle
        implements BeforeAllCallback, BeforeEachCallback, ParameterResolver {
    AnnotatedDiskExtension() {}

    @Override
    public ExtensionContextScope getTestInstantiationExtensionContextScope(ExtensionContext root) {
        return super.getTestInstantiationExtensionContextScope(root);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        inject(DiskSettings.fields(context.getRequiredTestClass(), true), null, context);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        begin(context);
        for (Object instance : context.getRequiredTestInstances().getAllInstances()) {
            List<Field> fields = DiskSettings.fields(instance.getClass(), false);
            if (!fields.isEmpty()) {
                refuseSharedInstance(fields.get(0), context);
                inject(fields, instance, context);
            }
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.isAnnotated(UblkDisk.class);
    }

    @Override
    public Disk resolveParameter(ParameterContext parameter, ExtensionContext context) {
        DiskSettings settings = DiskSettings.on(parameter.getParameter(), context.getRequiredTestClass())
                .orElseThrow();
        return ContextDisks.of(context).make(settings);
    }

    private static void inject(List<Field> fields, Object instance, ExtensionContext context) {
        for (Field field : fields) {
            DiskSettings settings =
                    DiskSettings.on(field, context.getRequiredTestClass()).orElseThrow();
            DiskSettings.assign(field, instance, ContextDisks.of(context).make(settings));
        }
    }

    /** Tests that share an instance and run at the same time would take each other's field. */
    private static void refuseSharedInstance(Field field, ExtensionContext context) {
        boolean shared = context.getTestInstanceLifecycle()
                .filter(Lifecycle.PER_CLASS::equals)
                .isPresent();
        if (shared && context.getExecutionMode() == ExecutionMode.CONCURRENT) {
            throw new ExtensionConfigurationException("@UblkDisk on field '" + field.getName() + "' of "
                    + field.getDeclaringClass().getSimpleName()
                    + ": its tests run at the same time on one instance (PER_CLASS, CONCURRENT) and each would get a disk"
                    + " of its own in the same field; use a parameter, or a static field for one disk");
        }
    }
}
