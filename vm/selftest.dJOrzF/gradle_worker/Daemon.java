import java.io.*;
import java.net.*;
import java.nio.file.*;

public class Daemon {
    public static void main(String[] words) throws Exception {
        Path arguments = Files.createTempFile(Path.of("/tmp"), "gradle-worker-classpath", "txt");
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Files.writeString(arguments, "-cp\n\"" + words[1] + "\"\n");
            Process worker = new ProcessBuilder(words[0], "@" + arguments, "Worker").redirectError(new File("worker.err")).start();
            new DataOutputStream(worker.getOutputStream()).writeInt(server.getLocalPort());
            worker.getOutputStream().flush();
            server.setSoTimeout(200_000);
            try (Socket connection = server.accept()) {
                var in = new DataInputStream(connection.getInputStream());
                System.out.println("worker: " + in.readUTF());
                new DataOutputStream(connection.getOutputStream()).writeUTF("well done");
            }
            System.out.print(new String(worker.getInputStream().readAllBytes()));
            System.out.println("status " + worker.waitFor());
        } finally {
            Files.delete(arguments);
        }
    }
}
