package io.ublkdisk.junit;

import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.DynamicTestInvocationContext;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.PreInterruptCallback;
import org.junit.jupiter.api.extension.PreInterruptContext;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/**
 * What goes on around a test that has disks, whichever door they came through: the server's life is watched while the
 * test's code runs, a timeout first frees what is stuck in the disk, and a failure is reported with what the disks did.
 */
abstract class DiskLifecycle
        implements ExecutionCondition,
                AfterEachCallback,
                AfterAllCallback,
                InvocationInterceptor,
                PreInterruptCallback {
    DiskLifecycle() {}

    /** Constructors too: a disk that a test's constructor gets belongs to that test. */
    @Override
    public ExtensionContextScope getTestInstantiationExtensionContextScope(ExtensionContext root) {
        return ExtensionContextScope.TEST_METHOD;
    }

    /** Skips a test or class that needs a disk where no disk can be made, if the tests ask for that. */
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return UnavailablePolicy.skips(context.getConfigurationParameter(UnavailablePolicy.PARAMETER))
                ? DiskFactory.missing(context.getDisplayName())
                        .map(ConditionEvaluationResult::disabled)
                        .orElse(ConditionEvaluationResult.enabled("disks can be made here"))
                : ConditionEvaluationResult.enabled("a disk that cannot be made is a failure");
    }

    /** A test begins: what the disks of its class did before is not of it. */
    static void begin(ExtensionContext context) {
        Uninterrupted.run(
                () -> disks(context).forEach(disk -> disk.observations().begin()));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        context.getExecutionException().ifPresent(ending -> {
            context.getParent().map(ContextDisks::around).ifPresent(outer -> outer.forEach(ContextDisks::markFailed));
            report(context, ending);
        });
    }

    /** Of a class: what went wrong in its {@code @BeforeAll} or {@code @AfterAll}. */
    @Override
    public void afterAll(ExtensionContext context) {
        context.getExecutionException().ifPresent(ending -> report(context, ending));
    }

    /** An aborted test has not failed: there is nothing to repeat. */
    private static void report(ExtensionContext context, Throwable ending) {
        if (!Aborted.is(ending)) {
            Uninterrupted.run(() -> FailureReport.publish(context, ending, disks(context)));
        }
    }

    /** A thread that waits for the disk takes no notice of an interrupt: take the rules away first, and the
     * disk answers what they hold back. */
    @Override
    public void beforeThreadInterrupt(PreInterruptContext interrupt, ExtensionContext context) throws Exception {
        for (DiskHandle disk : disks(context)) {
            disk.observations().noteWaiting();
            disk.faults().clear();
        }
    }

    private static List<DiskHandle> disks(ExtensionContext context) {
        return ContextDisks.around(context).stream()
                .flatMap(shelf -> shelf.disks().stream())
                .collect(Collectors.toList());
    }

    private static <T> T watched(Invocation<T> invocation, ExtensionContext context) throws Throwable {
        return ServerWatchdog.over(disks(context), invocation::proceed);
    }

    @Override
    public <T> T interceptTestClassConstructor(
            Invocation<T> invocation, ReflectiveInvocationContext<Constructor<T>> constructor, ExtensionContext context)
            throws Throwable {
        return watched(invocation, context);
    }

    @Override
    public void interceptBeforeAllMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        watched(invocation, context);
    }

    @Override
    public void interceptBeforeEachMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        watched(invocation, context);
    }

    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        watched(invocation, context);
    }

    @Override
    public <T> T interceptTestFactoryMethod(
            Invocation<T> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        return watched(invocation, context);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        watched(invocation, context);
    }

    @Override
    public void interceptDynamicTest(
            Invocation<Void> invocation, DynamicTestInvocationContext test, ExtensionContext context) throws Throwable {
        watched(invocation, context);
    }

    @Override
    public void interceptAfterEachMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        watched(invocation, context);
    }

    @Override
    public void interceptAfterAllMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        watched(invocation, context);
    }
}
