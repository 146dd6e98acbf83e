package io.ublkdisk.junit.engine.report;

import io.ublkdisk.control.Bundle;
import io.ublkdisk.control.DiskException;
import io.ublkdisk.control.DiskSpec;
import io.ublkdisk.junit.engine.campaign.CrashCampaign;
import io.ublkdisk.junit.engine.disk.DiskHandle;
import io.ublkdisk.junit.engine.disk.ServedFork;
import io.ublkdisk.protocol.KeyValues;
import io.ublkdisk.protocol.LogSummary;
import io.ublkdisk.protocol.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Makes the replay bundle of a disk whose test has failed. A test that passes pays nothing for it. */
public final class ReplayBundle {
    private final DiskHandle disk;
    private final KeyValues about;

    /** @param test which one failed */
    public ReplayBundle(DiskHandle disk, String test) {
        DiskSpec asked = disk.settings().spec();
        DiskSpec spec =
                asked.toBuilder().name(null).script(null).replay(null, null).build();
        this.disk = disk;
        this.about = new KeyValues()
                .put("test", test)
                .put("disk", disk.settings().place())
                .put("device", disk.device())
                .put("seed", disk.remote().seed())
                .put("lenient", disk.settings().lenient())
                .put("spec", spec.line())
                .put("ublkdisk", Version.TEXT)
                .put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"))
                .put("machine", System.getProperty("os.arch"))
                .put("java", System.getProperty("java.vm.name") + " " + Runtime.version());
    }

    /**
     * Writes that of a crash state: its bytes as the crash left them.
     *
     * @param origin the disk that was recorded
     * @param about the state
     * @param test which one failed
     * @return how to repeat it
     */
    public static HowToRepeat ofCrashState(
            DiskHandle origin, CrashCampaign.FailedState about, String test, Path file, String report)
            throws IOException {
        try (ServedFork fork = origin.ofCrashState(about.recording(), about.id())) {
            ReplayBundle bundle = new ReplayBundle(fork, test);
            bundle.about.put("crash-state", about.id()).put("promised", String.join(", ", about.promised()));
            bundle.write(file, report);
        }
        return HowToRepeat.ofCrashState(about.id(), file);
    }

    /** Writes it. */
    public void write(Path file, String report) throws IOException {
        Path saved = Files.createTempFile("ublkdisk-bundle", ".log");
        try {
            Optional<Path> log = log(saved);
            new Bundle.Content(
                            about,
                            disk.settings().spec().script(),
                            report + "\n",
                            disk.remote().journal(),
                            log)
                    .write(file);
        } finally {
            Files.deleteIfExists(saved);
        }
    }

    private Optional<Path> log(Path saved) {
        try {
            about.put("sha256", disk.remote().save(saved));
        } catch (DiskException e) {
            about.put("no-log", e.getMessage());
            return Optional.empty();
        }
        return Optional.of(disk.history().filter(kept -> isWhole()).orElse(saved));
    }

    /** Ends the history, and returns whether it is whole. Bundles of later tests of the class do not have it. */
    private boolean isWhole() {
        try {
            LogSummary history = disk.remote().endLogWrites();
            about.put("history", history.endedBy().isEmpty() ? "whole" : "it ended early: " + history.endedBy());
            return history.endedBy().isEmpty();
        } catch (DiskException e) {
            about.put("history", e.getMessage());
            return false;
        }
    }
}
