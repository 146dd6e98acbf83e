package io.ublkdisk.junit;

import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.PreInterruptContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.support.AnnotationSupport;

/** The extension behind {@link CrashTest}: a test that runs the program, and one for each of its crash states. */
final class CrashTestExtension extends DiskLifecycle implements TestTemplateInvocationContextProvider {
    CrashTestExtension() {}

    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return AnnotationSupport.isAnnotated(context.getTestMethod(), CrashTest.class);
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        return Engines.ENGINE.crashTests(context);
    }

    /** Does nothing: a failing state's report is made when it fails, with the bytes of that state. */
    @Override
    public void afterEach(ExtensionContext context) {}

    @Override
    public void beforeThreadInterrupt(PreInterruptContext interrupt, ExtensionContext context) throws Exception {
        super.beforeThreadInterrupt(interrupt, context);
        Engines.ENGINE.releaseCrashTests(context);
    }
}
