package io.ublkdisk.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.ublkdisk.junit.engine.disk.DiskSettings;
import java.lang.reflect.Method;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What cannot be asked for is refused with the place, the value and the remedy. */
class BadSettingsTest {
    private static final Runs BAD = Runs.of(selectClass(BadSettingsTestCase.class));

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        zeroSize         | size = "0"              | size 0 bytes                   | write it as 256MiB
        negativeSize     | size = "-1MiB"          | -1048576                       | write it as 256MiB
        unknownUnit      | size = "12QiB"          | unknown unit 'QiB'             | KiB, MiB, GiB
        emptySize        | size = ""               | size '' is no number           | write it as 256MiB
        notWholeBlocks   | size = "8200"           | no multiple of the block size 4096 | nearest below is 8192
        tooSmallForXfs   | mount = XFS             | too small for xfs              | needs 300MiB
        tooSmallForBtrfs | mount = BTRFS           | too small for btrfs            | needs 114MiB
        noQueues         | queues = 0              | : queues = 0 is not within 1..4096 | one per processor
        tooDeep          | queueDepth = 5000       | : queueDepth = 5000 is not within 1..4096 | 64 is usual
        oddBlockSize     | logicalBlockSize = 1000 | : logicalBlockSize = 1000 is not a power of two | within 512..4096
        uselessCacheSize | cacheSize = "1MiB"      | : cacheSize = 1048576 bytes, but | leave out one
        wrongCacheSize   | cacheSize = "large"     | : cacheSize 'large' is no number of bytes | write it as 256MiB
        mountOptionsWithoutFilesystem | mountOptions = "noatime" | without a filesystem | mount = EXT4
        mkfsOptionsWithoutFilesystem | mkfsOptions = "-O ^has_journal" | mkfsOptions without a filesystem | mount = EXT4
        missingResource  | faults = {"classpath:no-such.fault"} | there is no no-such.fault on the class path | resources
        missingFile      | faults = {"file:no-such.fault"} | cannot be read           | looked in
        unknownWord      | "on read fial IO"       | faults, line 1, column 9       | Did you mean
        unknownWordInAResource | "classpath:faults/broken.fault" | classpath:faults/broken.fault, line 3, column 12 | Did you mean
        sectorPastTheEnd | size = "1MiB"           | sector 2048 is past the end    | make it larger
        twoSeeds         | faults = {"seed 1", "seed 2"} | two of the sources have a seed | leave one out
        twoRulesOfOneName | rule a: on write       | two rules are named 'a'        | choose another name
        twoRulesOfOneNameInTimelines | at mark "m" rule a | two rules are named 'a' | choose another name
        stepPastTheEnd   | size = "1MiB"           | sector 2048 is past the end    | make it larger
        wrongType        | @UblkDisk               | its type is java.nio.file.Path | declare it as io.ublkdisk.junit.Disk
        throughAnotherAnnotation | size = "1 parsec" | unknown unit 'parsec'         | KiB, MiB, GiB
        """)
    void refuses(String test, String value, String problem, String remedy) {
        assertThat(BAD.failureOf(test))
                .hasMessageContaining("parameter 'disk' of BadSettingsTestCase." + test)
                .hasMessageContaining(value)
                .hasMessageContaining(problem)
                .hasMessageContaining(remedy);
    }

    @ParameterizedTest
    @CsvSource({"0, 1st", "1, 2nd", "2, 3rd", "3, 4th"})
    void namesAParameterWithoutANameByItsPosition(int index, String position) throws NoSuchMethodException {
        Method withoutNames = String.class.getMethod("regionMatches", int.class, String.class, int.class, int.class);
        assertThat(withoutNames.getParameters()[index].isNamePresent()).isFalse();
        assertThat(DiskSettings.place(withoutNames.getParameters()[index], String.class))
                .startsWith(position + " parameter (of type ")
                .endsWith(") of String.regionMatches");
    }

    @Test
    void refusesAFinalField() {
        assertThat(Runs.of(selectClass(BadSettingsTestCase.FinalField.class)).failureOf("test"))
                .isInstanceOf(ExtensionConfigurationException.class)
                .hasMessageContaining("field 'disk' of FinalField")
                .hasMessageContaining("remove final");
    }

    @Test
    void refusesAFieldOfAWrongType() {
        assertThat(Runs.of(selectClass(BadSettingsTestCase.FieldOfWrongType.class))
                        .failureOf("FieldOfWrongType"))
                .isInstanceOf(ExtensionConfigurationException.class)
                .hasMessageContaining("field 'disk' of FieldOfWrongType")
                .hasMessageContaining("java.lang.String")
                .hasMessageContaining("declare it as");
    }

    @Test
    void refusesInTheBuilder() {
        assertThat(Runs.of(selectClass(BadSettingsTestCase.BadBuilder.class)).failureOf("test"))
                .isInstanceOf(ExtensionConfigurationException.class)
                .hasMessageContaining("UblkDiskExtension.builder()")
                .hasMessageContaining("needs 300MiB");
    }

    @Test
    void refusesAFieldThatSeveralTestsAtOnceWouldShare() {
        assertThat(Runs.of(selectClass(BadSettingsTestCase.SharedInstance.class))
                        .failureOf("test"))
                .isInstanceOf(ExtensionConfigurationException.class)
                .hasMessageContaining("PER_CLASS, CONCURRENT")
                .hasMessageContaining("use a parameter");
    }
}
