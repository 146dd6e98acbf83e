package guest;

import static org.junit.jupiter.api.Assertions.*;

import java.nio.file.*;
import org.junit.jupiter.api.Test;

class GuestTest {
    @Test
    void findsUblk() {
        Path control = Path.of("/dev/ublk-control");
        assertTrue(Files.exists(control));
    }
}
