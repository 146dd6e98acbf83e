package io.ublkdisk.junit.engine.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.MediaType;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.JUnitException;

/** What a failed test leaves: its report, as an entry and as a file, and a replay bundle, both named for CI servers. */
public final class TestFiles {
    private static final MediaType ZIP = MediaType.create("application", "zip");

    /** Writes a bundle. */
    public interface Bundle {
        void write(Path file) throws IOException;
    }

    private TestFiles() {}

    /**
     * Publishes them with the test; where there is no place for files, only the entry and the reason.
     *
     * @param name of the files, without what says their kind
     */
    public static void publish(ExtensionContext context, String name, String text, Bundle bundle) {
        context.publishReportEntry("ublkdisk", text);
        try {
            context.publishFile(name + ".txt", MediaType.TEXT_PLAIN_UTF_8, file -> {
                Files.writeString(file, text + "\n");
                StandardOutput.attachment(file);
            });
            context.publishFile(name + ".zip", ZIP, file -> {
                bundle.write(file);
                StandardOutput.attachment(file);
            });
        } catch (JUnitException nowhere) {
            Throwable cause = nowhere.getCause() == null ? nowhere : nowhere.getCause();
            context.publishReportEntry("ublkdisk.file", "not written: " + cause.getMessage());
        }
    }
}
