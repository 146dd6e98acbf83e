package io.ublkdisk.cli;

import static io.ublkdisk.cli.Ended.here;
import static io.ublkdisk.cli.Ended.shell;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a disk on a real device does with files, with words that are not ASCII, and with damage that changes nothing. */
@Timeout(300)
class DiskFilesIT {
    @TempDir
    Path folder;

    @BeforeAll
    static void isReady() {
        Ended.assertThatDisksCanBeMade();
    }

    @AfterEach
    void deleteAll() {
        here("del", "--all", "--force");
    }

    /** By one disk, by a disk of another server, by a replay: refused, and the bytes of the file are what they were. */
    @Test
    void aFileIsUsedOnce() throws IOException {
        Path file = folder.resolve("file");
        Ended added = here("add", "--name", "one", "--file", file.toString(), "--size", "16MiB");
        assertThat(added.status()).as(added.err()).isZero();
        write(Path.of(added.out().strip()), 0, 7);
        Path hard = Files.createLink(folder.resolve("hard"), file);
        Path soft = Files.createSymbolicLink(folder.resolve("soft"), file);

        Ended log = here("journal", "one", "--log-writes", hard.toString());
        assertThat(log.status()).isEqualTo(1);
        assertThat(log.err())
                .contains("the log of the writes, " + hard + ", is the file of the disk 'one' already")
                .contains("name another file");
        for (String option : List.of("--log-writes", "--journal-file", "--file")) {
            Ended other = here("add", "--name", "two", "--size", "16MiB", option, soft.toString());
            assertThat(other.status()).as(option).isEqualTo(1);
            assertThat(other.err()).as(option).contains(soft + " is in use by ");
        }
        Path logged = folder.resolve("log");
        assertThat(here("journal", "one", "--log-writes", logged.toString()).status())
                .isZero();
        write(Path.of(added.out().strip()), 8, 8);
        assertThat(here("journal", "one", "--end-log-writes").status()).isZero();
        Ended onto = here("replay", logged.toString(), "--to", soft.toString());
        assertThat(onto.status()).isEqualTo(1);
        assertThat(onto.err()).contains(soft + " is in use by a disk server");
        Ended both =
                here("add", "--size", "16MiB", "--journal-file", logged.toString(), "--log-writes", logged.toString());
        assertThat(both.status()).isEqualTo(1);
        assertThat(both.err()).contains("the journal file, " + logged + ", is the log of the writes of a disk already");

        Ended missing = here("add", "--file", folder.resolve("none").toString());
        assertThat(missing.status()).isEqualTo(1);
        assertThat(missing.err()).contains("there is no file " + folder.resolve("none"), "how large the disk is to be");
        assertThat(folder.resolve("none")).doesNotExist();

        assertThat(here("del", "one").status()).isZero();
        assertThat(Files.size(file)).isEqualTo(16 << 20);
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer first = ByteBuffer.allocate(1);
            channel.read(first, 100);
            assertThat(first.get(0)).isEqualTo((byte) 7);
        }
    }

    /** Of the packaged program, as a container without a locale starts it. */
    @Test
    void wordsAreUtf8WhateverTheLocale() throws Exception {
        String script = folder + "/für/ü.fault";
        shell("mkdir" + words(folder + "/für") + " && printf '%s\n'"
                + words("rule script: on write containing \"ö\" fail IO") + " >" + words(script));
        Ended added = inC(
                "add",
                "--name",
                "u",
                "--size",
                "16M",
                "--script",
                script,
                "-e",
                "rule option: on write containing \"ü\" fail IO");
        assertThat(added.status()).as(added.err()).isZero();
        Ended fault = inC("fault", "u", "rule late: on write containing \"für\" fail IO");
        assertThat(fault.status()).as(fault.err()).isZero();
        assertThat(here("rules", "u").out())
                .contains("containing \"\\xc3\\xb6\"", "containing \"\\xc3\\xbc\"", "containing \"f\\xc3\\xbcr\"");
        Path device = Path.of(added.out().strip());
        byte[] block = Arrays.copyOf("etwas für dich".getBytes(StandardCharsets.UTF_8), 4096);
        assertThat(write(device, block)).as("a write that contains the word").isFalse();
        assertThat(here("rules", "u", "--json").out()).containsPattern("\"name\": \"option\", \"matched\": [1-9]");

        String log = folder + "/lög";
        Ended logging = inC("journal", "u", "--log-writes", log);
        assertThat(logging.status()).as(logging.err()).isZero();
        assertThat(shell("test -s" + words(log)).status()).isZero();
        assertThat(here("journal", "u", "--end-log-writes").status()).isZero();
        assertThat(shell("rm -r" + words(log, folder + "/für")).status())
                .as("for this JVM may not be able to")
                .isZero();
    }

    /** The same bytes over the same bytes are no damage, and the first other ones are. */
    @Test
    void damageThatChangesNothingHasNotFired() {
        Ended added = here(
                "add",
                "--name",
                "d",
                "--size",
                "16MiB",
                "-e",
                "rule same: on write sectors 64..71 times 1 set 0x55",
                "-e",
                "rule ray: on read sectors 128..135 garbage 1 byte at 0 transient");
        assertThat(added.status()).as(added.err()).isZero();
        Path device = Path.of(added.out().strip());
        write(device, 8, 0x55);
        assertThat(here("rules", "d", "--json").out())
                .containsPattern("\"name\": \"same\", \"matched\": [1-9][0-9]*, \"fired\": 0");
        write(device, 8, 0x11);
        assertThat(here("rules", "d", "--json").out())
                .containsPattern("\"name\": \"same\", \"matched\": [1-9][0-9]*, \"fired\": 1");
        assertThat(here("journal", "d", "--events").out())
                .containsOnlyOnce("FAULT same")
                .contains("0x11 -> 0x55");
        assertThat(here("stats", "d", "--json").out()).contains("\"faultsInjected\": 1");
    }

    private static void write(Path device, int block, int value) {
        byte[] bytes = new byte[4096];
        Arrays.fill(bytes, (byte) value);
        try (FileChannel channel = FileChannel.open(device, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes), block * 4096L);
            channel.force(true);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Returns whether the device took it. */
    private static boolean write(Path device, byte[] bytes) {
        try (FileChannel channel = FileChannel.open(device, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes), 0);
            channel.force(true);
            return true;
        } catch (IOException expected) {
            return false;
        }
    }

    /** As bytes, by a shell, for the locale of this JVM may know no ü either. */
    private static Ended inC(String... arguments) throws Exception {
        return shell("LC_ALL=C exec " + Ended.PROGRAM + " " + words(arguments));
    }

    private static String words(String... words) {
        StringBuilder shell = new StringBuilder();
        for (String word : words) {
            shell.append(" \"$(printf '");
            for (byte b : word.getBytes(StandardCharsets.UTF_8)) {
                shell.append(String.format("\\%03o", b & 0xff));
            }
            shell.append("')\"");
        }
        return shell.toString();
    }
}
