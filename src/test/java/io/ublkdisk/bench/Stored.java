package io.ublkdisk.bench;

import java.nio.file.Path;

/** What can be done with results that are there: {@code compare OLD.json NEW.json}, {@code plot FILE.json FOLDER}. */
final class Stored {
    private Stored() {}

    public static void main(String[] arguments) {
        try {
            Results first = Results.parse(Path.of(arguments[1]));
            if (arguments[0].equals("compare")) {
                System.exit(Bench.compare(first, Results.parse(Path.of(arguments[2]))));
            }
            Plot.all(first, Path.of(arguments[2]));
            System.out.print(Table.of(first));
        } catch (Exception e) {
            System.err.println("ublkdisk bench: " + e.getMessage());
            System.exit(1);
        }
    }
}
