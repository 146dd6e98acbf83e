package io.ublkdisk.junit;

import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
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
 * Surrounds each test that has disks: fails it when the server dies while its code runs, frees what waits for a disk before a
 * timeout interrupts it, and reports what the disks of a failed test did. The work is the {@link Engine}'s.
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
        return Engines.ENGINE
                .reasonToSkip(context)
                .map(ConditionEvaluationResult::disabled)
                .orElse(ConditionEvaluationResult.enabled("no disk is missing, or a missing one is a failure"));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        context.getExecutionException().ifPresent(failure -> Engines.ENGINE.reportFailure(context, failure));
    }

    /** Reports what went wrong in a class's {@code @BeforeAll} or {@code @AfterAll}. */
    @Override
    public void afterAll(ExtensionContext context) {
        context.getExecutionException().ifPresent(failure -> Engines.ENGINE.reportFailure(context, failure));
    }

    /** Takes the rules away first: a thread that waits for the disk does not notice an interrupt. */
    @Override
    public void beforeThreadInterrupt(PreInterruptContext interrupt, ExtensionContext context) throws Exception {
        Engines.ENGINE.clearFaults(context);
    }

    private static <T> T watched(Invocation<T> invocation, ExtensionContext context) throws Throwable {
        return Engines.ENGINE.watch(invocation, context);
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
