package io.ublkdisk.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs vm/check-skips on reports of runs that skipped what their kernel excuses, and more. */
class CheckSkipsTest {
    @TempDir
    Path reports;

    private String output = "";

    private void report(String kernel, String... reasons) throws IOException {
        StringBuilder xml =
                new StringBuilder("<testsuite>\n<property name=\"os.version\" value=\"" + kernel + "\"/>\n");
        xml.append("<testcase name=\"runs\"/>\n");
        for (String reason : reasons) {
            xml.append("<testcase name=\"x\">\n<skipped><![CDATA[org.opentest4j.TestAbortedException: ")
                    .append(reason)
                    .append("\n\tat X]]></skipped>\n</testcase>\n");
        }
        Files.writeString(reports.resolve("TEST-" + kernel + ".xml"), xml + "</testsuite>\n");
    }

    private int check(String... options) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        MarkdownPage.PROJECT.resolve("vm/check-skips").toString())
                .redirectErrorStream(true);
        builder.command().addAll(List.of(options));
        builder.command().add(reports.toString());
        Process check = builder.start();
        output = new String(check.getInputStream().readAllBytes());
        return check.waitFor();
    }

    @Test
    void whatTheKernelLacksIsExcused() throws Exception {
        report("6.12.1-x", "needs Linux 7.3 for IO_DESC_SIZE, this is 6.12.1-x", "Assumption failed: needs Linux 6.15");
        assertThat(check()).as(output).isZero();
        assertThat(output).contains("2 of 3 tests on devices skipped");
    }

    @Test
    void oneMoreThanExcusedIsNot() throws Exception {
        String reason = "needs Linux 7.3 for IO_DESC_SIZE, this is 6.12.1-x";
        report("6.12.1-x", reason, reason);
        assertThat(check()).isEqualTo(1);
        assertThat(output).contains("Linux 6.12: 2 skipped, 1 excused: needs Linux 7.3 for IO_DESC_SIZE");
    }

    @Test
    void anotherReasonIsNotExcused() throws Exception {
        report("6.12.1-x", "no mkfs.ext4 here");
        assertThat(check()).isEqualTo(1);
        assertThat(output).contains("1 skipped, 0 excused").contains("no mkfs.ext4 here");
    }

    @Test
    void theNewestKernelExcusesNothing() throws Exception {
        report("7.3.4", "needs Linux 7.3 for IO_DESC_SIZE, this is 7.3.4");
        assertThat(check()).isEqualTo(1);
    }

    @Test
    void aKernelWithoutLinesExcusesWhatNeedsANewerOne() throws Exception {
        report("6.18.2", "needs Linux 7.0 for BATCH_IO, this is 6.18.2");
        assertThat(check()).as(output).isZero();
        report("6.18.2", "needs Linux 6.15 for SUPPORT_ZERO_COPY, this is 6.18.2");
        assertThat(check()).isEqualTo(1);
    }

    @Test
    void reportsOfAnEarlierRunDoNotCount() throws Exception {
        report("7.3.4", "no mkfs.ext4 here");
        Path begun = Files.createTempFile(reports, "begun", "");
        Files.setLastModifiedTime(begun, FileTime.fromMillis(System.currentTimeMillis() + 5000));
        assertThat(check("--newer", begun.toString())).isZero();
        assertThat(output).contains("no reports of tests on devices");
    }
}
