package io.ublkdisk.junit.engine.jqwik;

import io.ublkdisk.junit.UblkDisk;
import io.ublkdisk.junit.engine.disk.DiskCleanup;
import io.ublkdisk.junit.engine.disk.DiskFactory;
import io.ublkdisk.junit.engine.disk.DiskHandle;
import io.ublkdisk.junit.engine.disk.DiskSettings;
import io.ublkdisk.junit.engine.disk.LazyDisk;
import io.ublkdisk.junit.engine.disk.ServerWatchdog;
import io.ublkdisk.junit.engine.disk.UnavailablePolicy;
import io.ublkdisk.junit.engine.process.Uninterrupted;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import net.jqwik.api.lifecycle.AroundContainerHook;
import net.jqwik.api.lifecycle.AroundPropertyHook;
import net.jqwik.api.lifecycle.AroundTryHook;
import net.jqwik.api.lifecycle.ContainerLifecycleContext;
import net.jqwik.api.lifecycle.LifecycleContext;
import net.jqwik.api.lifecycle.Lifespan;
import net.jqwik.api.lifecycle.ParameterResolutionContext;
import net.jqwik.api.lifecycle.PropagationMode;
import net.jqwik.api.lifecycle.PropertyExecutionResult;
import net.jqwik.api.lifecycle.PropertyExecutionResult.Status;
import net.jqwik.api.lifecycle.PropertyExecutor;
import net.jqwik.api.lifecycle.PropertyLifecycleContext;
import net.jqwik.api.lifecycle.ResolveParameterHook;
import net.jqwik.api.lifecycle.SkipExecutionHook;
import net.jqwik.api.lifecycle.Store;
import net.jqwik.api.lifecycle.TryExecutionResult;
import net.jqwik.api.lifecycle.TryExecutor;
import net.jqwik.api.lifecycle.TryLifecycleContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * {@link UblkDisk} for jqwik, which runs no Jupiter extension. Found through {@code META-INF/services}, so it is asked about
 * every property there is, and answers fast where none of our annotations stands.
 *
 * <p>One disk serves all tries of a property; between them it goes back to its first state, which costs the server nothing
 * that grows with the disk. A failing property is tried hundreds of times while it shrinks, and a fresh disk for each would
 * take minutes.
 */
public final class JqwikDisks
        implements ResolveParameterHook, AroundPropertyHook, AroundTryHook, AroundContainerHook, SkipExecutionHook {
    /** Outside of our users' own hooks, so that the disk is there while those run. */
    private static final int PROXIMITY = -20;

    /** Called by the service loader only. */
    public JqwikDisks() {}

    @Override
    public PropagationMode propagateTo() {
        return PropagationMode.ALL_DESCENDANTS;
    }

    @Override
    public int aroundPropertyProximity() {
        return PROXIMITY;
    }

    @Override
    public int aroundTryProximity() {
        return PROXIMITY;
    }

    @Override
    public int proximity() {
        return PROXIMITY;
    }

    @Override
    public boolean appliesTo(Optional<AnnotatedElement> element) {
        return element.map(JqwikDisks::hasDisks).orElse(false);
    }

    private static boolean hasDisks(AnnotatedElement element) {
        if (element instanceof Method method) {
            return !parameters(method).isEmpty() || hasDisks(method.getDeclaringClass());
        }
        return element instanceof Class<?> container
                && (!DiskSettings.fields(container, true).isEmpty()
                        || !DiskSettings.fields(container, false).isEmpty());
    }

    private static List<Parameter> parameters(Method method) {
        return Arrays.stream(method.getParameters())
                .filter(parameter -> AnnotationSupport.isAnnotated(parameter, UblkDisk.class))
                .collect(Collectors.toList());
    }

    @Override
    public SkipResult shouldBeSkipped(LifecycleContext context) {
        return UnavailablePolicy.skips(UnavailablePolicy.configured())
                ? DiskFactory.missing(context.label()).map(SkipResult::skip).orElse(SkipResult.doNotSkip())
                : SkipResult.doNotSkip();
    }

    @Override
    public Optional<ParameterSupplier> resolve(ParameterResolutionContext parameter, LifecycleContext context) {
        return parameter
                .optionalMethod()
                .flatMap(method -> DiskSettings.on(
                        parameter.parameter(), context.optionalContainerClass().orElse(method.getDeclaringClass())))
                .map(settings -> attempt -> ofProperty().disk(parameter.parameter(), settings));
    }

    @Override
    public PropertyExecutionResult aroundProperty(PropertyLifecycleContext context, PropertyExecutor property) {
        PropertyDisks disks = ofProperty();
        for (Object instance : context.testInstances()) {
            for (Field field : DiskSettings.fields(instance.getClass(), false)) {
                DiskSettings.on(field, context.containerClass())
                        .ifPresent(settings -> DiskSettings.assign(field, instance, disks.disk(field, settings)));
            }
        }
        PropertyExecutionResult result = property.execute();
        if (result.status() == Status.FAILED && disks.failed != null) {
            disks.failed.publish(context.reporter());
        }
        Throwable problem = disks.close(result.status() == Status.SUCCESSFUL);
        if (problem == null) {
            return result;
        }
        result.throwable().filter(failure -> failure != problem).ifPresent(failure -> failure.addSuppressed(problem));
        return result.status() == Status.FAILED ? result : result.mapToFailed(problem);
    }

    @Override
    public TryExecutionResult aroundTry(TryLifecycleContext context, TryExecutor attempt, List<Object> parameters)
            throws Throwable {
        PropertyDisks disks = ofProperty();
        disks.nextTry();
        TryExecutionResult result = ServerWatchdog.over(disks.made(), () -> attempt.execute(parameters));
        if (result.isFalsified()) {
            disks.failed = Uninterrupted.get(() -> new FailedTry(
                    context, parameters, disks.used(), result.throwable().orElseThrow()));
        }
        return result;
    }

    @Override
    public void beforeContainer(ContainerLifecycleContext context) {
        Class<?> container = context.optionalContainerClass().orElseThrow();
        for (Field field : DiskSettings.fields(container, true)) {
            DiskSettings.on(field, container)
                    .ifPresent(settings -> DiskSettings.assign(
                            field, null, ofContainer(container).disk(field, settings)));
        }
    }

    @Override
    public void afterContainer(ContainerLifecycleContext context) {
        Throwable problem =
                ofContainer(context.optionalContainerClass().orElseThrow()).close(true);
        if (problem instanceof Error error) {
            throw error;
        }
        if (problem != null) {
            throw new IllegalStateException(problem);
        }
    }

    private static PropertyDisks ofProperty() {
        return Store.getOrCreate(JqwikDisks.class, Lifespan.PROPERTY, PropertyDisks::new)
                .get();
    }

    private static PropertyDisks ofContainer(Class<?> container) {
        return Store.getOrCreate(List.of(JqwikDisks.class, container), Lifespan.RUN, PropertyDisks::new)
                .get();
    }

    /** The disks of a property, or of a container, by the field or parameter that asked. */
    private static final class PropertyDisks {
        private final Map<AnnotatedElement, LazyDisk> disks = new LinkedHashMap<>();
        /** The last try that failed; null for none. */
        private volatile FailedTry failed;

        synchronized LazyDisk disk(AnnotatedElement place, DiskSettings settings) {
            return disks.computeIfAbsent(
                    place,
                    absent -> new LazyDisk(
                            "disk not used yet (" + settings.spec() + ", " + settings.place() + ")",
                            () -> DiskFactory.make(settings)));
        }

        synchronized void nextTry() {
            disks.values().forEach(LazyDisk::nextTry);
        }

        List<DiskHandle> made() {
            return those(LazyDisk::ifMade);
        }

        /** By the present try. */
        List<DiskHandle> used() {
            return those(LazyDisk::ifUsed);
        }

        private synchronized List<DiskHandle> those(Function<LazyDisk, DiskHandle> which) {
            return disks.values().stream().map(which).filter(Objects::nonNull).collect(Collectors.toList());
        }

        /** Takes all away; what was wrong with it, or null. */
        synchronized Throwable close(boolean judgeRules) {
            List<Throwable> problems = new ArrayList<>();
            disks.values().forEach(LazyDisk::end);
            Uninterrupted.run(() -> made().forEach(disk -> {
                DiskCleanup.take(disk, judgeRules, false).ifPresent(problems::add);
                disk.end("the property or class that it belonged to has ended");
            }));
            disks.clear();
            return DiskCleanup.together(problems).orElse(null);
        }
    }
}
