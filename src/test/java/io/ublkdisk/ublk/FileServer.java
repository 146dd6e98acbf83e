package io.ublkdisk.ublk;

import io.ublkdisk.backend.FileBackend;
import io.ublkdisk.block.Backend;
import io.ublkdisk.block.Operation;
import io.ublkdisk.block.Recovery;
import io.ublkdisk.block.Request;
import io.ublkdisk.block.Sectors;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A server in a process of its own, to be killed: serves files, as many as it is told to. Writes to the second half of such a disk
 * never end.
 */
final class FileServer implements AutoCloseable {
    static final int SIZE = 16 << 20;
    static final int HELD_FROM = SIZE / 2;
    static final int DEPTH = 4;
    static final int QUEUES = 2;

    private final Process process;
    private final BufferedReader answers;
    private final PrintWriter orders;

    /** It is ready some seconds later; the first order waits for that. */
    FileServer() throws IOException {
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FileServer.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        answers = new BufferedReader(new InputStreamReader(process.getInputStream()));
        orders = new PrintWriter(process.getOutputStream(), true);
    }

    /** Makes a device on that file. @return its id */
    int serve(Path file, Recovery recovery) throws IOException {
        return order("serve " + recovery + " " + file);
    }

    void recover(Path file, int id) throws IOException {
        order("recover " + id + " " + file);
    }

    private int order(String line) throws IOException {
        orders.println(line);
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException("the server has died over: " + line);
        }
        return Integer.parseInt(answer);
    }

    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor(20, TimeUnit.SECONDS);
    }

    void signal(String name) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
        if (kill.waitFor() != 0) {
            throw new IOException("no such process");
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    public static void main(String[] arguments) throws Exception {
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in));
        for (String line = orders.readLine(); line != null; line = orders.readLine()) {
            String[] words = line.split(" ");
            System.out.println(carryOut(words[0], words[1], Path.of(words[2])));
            System.out.flush();
        }
        Runtime.getRuntime().halt(0);
    }

    private static int carryOut(String verb, String word, Path path) throws Exception {
        FileBackend file = FileBackend.create(path, SIZE);
        if (verb.equals("recover")) {
            int id = Integer.parseInt(word);
            return UblkDevice.builder(file).id(id).recover().id();
        }
        UblkDevice device = UblkDevice.builder(new Holding(file))
                .queues(QUEUES)
                .queueDepth(DEPTH)
                .recovery(Recovery.valueOf(word))
                .create();
        device.start();
        return device.id();
    }

    private record Holding(FileBackend file) implements Backend {
        @Override
        public long sizeBytes() {
            return file.sizeBytes();
        }

        @Override
        public void submit(Request request) throws Exception {
            boolean held = request.operation() == Operation.WRITE && request.sector() >= Sectors.ofBytes(HELD_FROM);
            if (!held) {
                file.submit(request);
            }
        }
    }
}
