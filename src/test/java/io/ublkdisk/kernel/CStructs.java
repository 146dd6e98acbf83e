package io.ublkdisk.kernel;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Asks the C compiler of this machine about the kernel headers of this machine. */
final class CStructs {
    private final List<String> lines = new ArrayList<>();

    static boolean available() {
        return Files.exists(Path.of("/usr/include/linux/ublk_cmd.h"))
                && Files.exists(Path.of("/usr/include/linux/io_uring.h"))
                && (Files.isExecutable(Path.of("/usr/bin/cc")) || Files.isExecutable(Path.of("/usr/bin/gcc")));
    }

    /** Ask for the value of a C expression under that name. */
    CStructs ask(String name, String expression) {
        lines.add("  printf(\"" + name + " %ld\\n\", (long)(" + expression + "));");
        return this;
    }

    Map<String, Long> answers(Path folder) throws Exception {
        Path source = folder.resolve("structs.c");
        Path program = folder.resolve("structs");
        String head = "#include <stdio.h>\n#include <stddef.h>\n#include <errno.h>\n#include <sys/ioctl.h>\n"
                + "#include <linux/ublk_cmd.h>\n#include <linux/io_uring.h>\n#include <linux/blkzoned.h>\nint main(void) {\n";
        Files.writeString(source, head + String.join("\n", lines) + "\n  return 0;\n}\n");
        run("cc", "-o", program.toString(), source.toString());
        Map<String, Long> answers = new HashMap<>();
        for (String line : run(program.toString()).split("\n")) {
            String[] parts = line.split(" ");
            answers.put(parts[0], Long.valueOf(parts[1]));
        }
        return answers;
    }

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new AssertionError(String.join(" ", command) + ":\n" + output);
        }
        return output;
    }
}
