package io.ublkdisk.junit;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.HeldRequest;
import java.util.List;
import org.apiguardian.api.API;

/**
 * A rule that holds requests, seen by the test: their senders wait, and the test decides what becomes of them.
 *
 * <pre>{@code
 * disk.faults().add("rule stuck: on flush nth 2 hold");
 * …                                                                    // another thread forces a file
 * Breakpoint stuck = disk.faults().awaitHeld("stuck", Duration.ofSeconds(10));
 * assertThat(stuck.requests()).singleElement()…;                       // look
 * stuck.fail(BlockStatus.IO);                                          // or release(), or powerOff()
 * }</pre>
 *
 * The rule stays armed, and holds the next that it is about, unless it says how many. When the test ends all goes on.
 */
@API(status = API.Status.MAINTAINED, since = "0.1.0")
public interface Breakpoint {
    /** Returns the requests that it holds now, in the order in which they came. */
    List<HeldRequest> requests();

    /** Lets them go on as if nothing had been. @return how many they were */
    int release();

    /**
     * Ends them with an error; they never reach the disk.
     *
     * @return how many they were
     * @throws IllegalArgumentException if the status is {@link BlockStatus#OK}
     */
    int fail(BlockStatus status);

    /**
     * Takes the disk's power while they are in flight: they fail, and so does everything until {@link Disk#powerOn()}.
     *
     * @return what was lost, in words
     */
    String powerOff();
}
