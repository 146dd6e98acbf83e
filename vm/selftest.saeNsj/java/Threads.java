import java.util.*;
import java.util.stream.*;

public class Threads {
    public static void main(String[] words) throws Exception {
        long total = 0;
        for (int round = 0; round < 30; round++) {
            List<String> keys = IntStream.range(0, 20_000).parallel().mapToObj(i -> "key" + i % 997).toList();
            Map<String, Long> counts = keys.parallelStream().collect(Collectors.groupingByConcurrent(k -> k, Collectors.counting()));
            total += counts.values().stream().mapToLong(Long::longValue).sum();
        }
        System.err.println(System.getenv("SELFTEST") + " " + System.getProperty("some.property"));
        System.out.println(total + " " + new String(System.in.readAllBytes()).length() + " " + List.of(words));
        System.exit(6);
    }
}
