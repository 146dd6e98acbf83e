package io.ublkdisk.junit;

import io.ublkdisk.block.Recovery;
import io.ublkdisk.control.ByteSize;
import io.ublkdisk.control.DiskSpec;
import java.util.ArrayList;
import java.util.List;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * {@link UblkDisk} for {@code @RegisterExtension}, for settings that an annotation cannot hold because they are computed.
 *
 * <pre>{@code
 * @RegisterExtension
 * final UblkDiskExtension data = UblkDiskExtension.builder().size("64MiB").mount(EXT4).build();
 *
 * @Test
 * void test() {
 *     Path file = data.disk().path("file");
 * }
 * }</pre>
 *
 * In a static field it gives one disk for the class, in an instance field a fresh one for each test. A parameter of type
 * {@link Disk} without an annotation gets the same disk. All else is as {@link UblkDisk} says.
 */
@API(status = API.Status.MAINTAINED, since = "0.1.0")
public final class UblkDiskExtension extends DiskLifecycle
        implements BeforeAllCallback, BeforeEachCallback, ParameterResolver {
    private final Engine.DiskMaker maker;
    /** Whether the disk is the class's; tests of one instance see one disk only, so a field of this object will do. */
    private boolean ofClass;

    private volatile @Nullable Disk disk;

    private UblkDiskExtension(Engine.DiskMaker maker) {
        this.maker = maker;
    }

    /** Returns a builder with the defaults of {@link UblkDisk}. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns the disk of the running test or class.
     *
     * @throws IllegalStateException outside of one
     */
    public Disk disk() {
        @Nullable Disk now = disk;
        if (now == null) {
            throw new IllegalStateException(
                    "there is no disk yet: this extension gives it before each test (in a static"
                            + " field: before all), and only if it stands in a field with @RegisterExtension");
        }
        return now;
    }

    @Override
    public ExtensionContextScope getTestInstantiationExtensionContextScope(ExtensionContext root) {
        return super.getTestInstantiationExtensionContextScope(root);
    }

    /** Nested classes pass here again, with their outer class's disk in place. */
    @Override
    public void beforeAll(ExtensionContext context) {
        if (disk == null) {
            ofClass = true;
            disk = maker.make(context, () -> disk = null);
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        Engines.ENGINE.beginTest(context);
        if (!ofClass) {
            disk = maker.make(context, () -> disk = null);
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return disk != null
                && parameter.getParameter().getType() == Disk.class
                && !parameter.isAnnotated(UblkDisk.class);
    }

    @Override
    public Disk resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return disk();
    }

    /** Collects; {@link #build} judges. */
    public static final class Builder {
        private final DiskSpec.Builder spec = DiskSpec.builder();
        private final List<String> faults = new ArrayList<>();
        private boolean lenient;
        private boolean record;

        private Builder() {}

        /** Sets {@link UblkDisk#size()}. */
        public Builder size(String size) {
            spec.size(size);
            return this;
        }

        /** Sets {@link UblkDisk#mount()}. */
        public Builder mount(FileSystem fileSystem) {
            spec.fileSystem(io.ublkdisk.control.FileSystem.valueOf(fileSystem.name()));
            return this;
        }

        /** Sets {@link UblkDisk#mountOptions()}. */
        public Builder mountOptions(String options) {
            spec.mountOptions(options);
            return this;
        }

        /** Words for the filesystem's mkfs, after ublkdisk's own. */
        public Builder mkfsOptions(String options) {
            spec.mkfsOptions(options);
            return this;
        }

        /** Sets {@link UblkDisk#queues()}. */
        public Builder queues(int queues) {
            spec.queues(queues);
            return this;
        }

        /** Sets {@link UblkDisk#queueDepth()}. */
        public Builder queueDepth(int depth) {
            spec.queueDepth(depth);
            return this;
        }

        /** Sets {@link UblkDisk#logicalBlockSize()}. */
        public Builder logicalBlockSize(int bytes) {
            spec.logicalBlockSizeBytes(bytes);
            return this;
        }

        /** Sets {@link UblkDisk#volatileCache()}. */
        public Builder volatileCache(boolean wanted) {
            spec.volatileCache(wanted);
            return this;
        }

        /** Sets {@link UblkDisk#cacheSize()}. */
        public Builder cacheSize(String size) {
            spec.cacheSizeBytes(ByteSize.parse(size, "cacheSize"));
            return this;
        }

        /** Sets {@link UblkDisk#recovery()}. */
        public Builder recovery(Recovery recovery) {
            spec.recovery(recovery);
            return this;
        }

        /** Adds rules and scripts, see {@link UblkDisk#faults()}; may be called several times. */
        public Builder faults(String... sources) {
            faults.addAll(List.of(sources));
            return this;
        }

        /** Sets {@link UblkDisk#seed()}. */
        public Builder seed(long seed) {
            spec.seed(seed);
            return this;
        }

        /** Sets {@link UblkDisk#lenient()} to true. */
        public Builder lenient() {
            lenient = true;
            return this;
        }

        /** Sets {@link UblkDisk#record()} to true. */
        public Builder record() {
            record = true;
            return this;
        }

        /**
         * Checks the settings.
         *
         * @throws ExtensionConfigurationException naming the value that cannot be, and what could
         */
        public UblkDiskExtension build() {
            try {
                return new UblkDiskExtension(Engines.ENGINE.maker(spec, faults, lenient, record));
            } catch (IllegalArgumentException wrong) {
                throw new ExtensionConfigurationException("UblkDiskExtension.builder(): " + wrong.getMessage(), wrong);
            }
        }
    }
}
