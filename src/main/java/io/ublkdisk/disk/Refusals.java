package io.ublkdisk.disk;

import io.ublkdisk.cache.WriteCache;
import io.ublkdisk.fault.CacheEffect;
import io.ublkdisk.fault.Effect;
import io.ublkdisk.fault.MediaEffect;
import io.ublkdisk.fault.Rules;
import java.util.Optional;

/** What a drive refuses to be armed with, because it cannot do it; and what it has to keep for rules that are armed. */
final class Refusals {
    private Refusals() {}

    static void serve(Rules rules, WriteCache cache, long sizeBytes, boolean onFile) {
        rules.serve(
                sizeBytes,
                effect -> refusal(effect, cache.isVolatile(), onFile),
                armed -> cache.keepEarlier(armed.stream().anyMatch(Refusals::readsEarlierBytes)));
    }

    private static boolean readsEarlierBytes(Effect effect) {
        return effect instanceof MediaEffect media && media.readsEarlierBytes();
    }

    private static Optional<String> refusal(Effect effect, boolean isVolatile, boolean onFile) {
        if (effect instanceof CacheEffect && !isVolatile) {
            return Optional.of(
                    "it has no volatile cache, so no request asks it to make anything durable; switch the cache on");
        }
        if (readsEarlierBytes(effect) && onFile) {
            return Optional.of("it stands on a file, which keeps no earlier versions; use a disk in memory");
        }
        return Optional.empty();
    }
}
