package io.ublkdisk.junit;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** The extension behind {@link UblkDisk}: gives disks to static fields, instance fields and parameters. */
final class AnnotatedDiskExtension extends DiskLifecycle
        implements BeforeAllCallback, BeforeEachCallback, ParameterResolver {
    AnnotatedDiskExtension() {}

    @Override
    public ExtensionContextScope getTestInstantiationExtensionContextScope(ExtensionContext root) {
        return super.getTestInstantiationExtensionContextScope(root);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        Engines.ENGINE.injectFields(context, true);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        Engines.ENGINE.beginTest(context);
        Engines.ENGINE.injectFields(context, false);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.isAnnotated(UblkDisk.class);
    }

    @Override
    public Disk resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return Engines.ENGINE.disk(parameter, context);
    }
}
