package io.ublkdisk.script;

import io.ublkdisk.block.BlockStatus;
import io.ublkdisk.block.SizeText;
import io.ublkdisk.fault.Amount;
import io.ublkdisk.fault.Ranges;
import io.ublkdisk.fault.ValueReader;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The values of the language: numbers, sizes, times, ranges, statuses. Each reads one token of the line. */
final class Values implements ValueReader {
    private static final Pattern WITH_UNIT = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)([A-Za-z]*)");
    private static final List<String> SIZE_UNITS = List.of("B", "KiB", "MiB", "GiB", "TiB");
    private static final List<String> TIME_UNITS = List.of("ns", "us", "ms", "s");
    private static final long[] TIME_NANOS = {1, 1_000, 1_000_000, 1_000_000_000};
    private static final int LONGEST_NUMBER = 400;

    private final Line line;

    Values(Line line) {
        this.line = line;
    }

    /** Runs what makes a value; what it objects to becomes an error from that token to the last one read. */
    <T> T checked(Token token, Supplier<T> make) {
        try {
            return make.get();
        } catch (ParseException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw line.error(line.since(token), e.getMessage());
        }
    }

    @Override
    public <T> T checked(Supplier<T> make) {
        return checked(line.peek(), make);
    }

    @Override
    public boolean takes(String word) {
        return line.takes(word);
    }

    @Override
    public String word(String... words) {
        return line.word(words).text();
    }

    @Override
    public boolean isNumber() {
        Token token = line.peek();
        return token.type() == Token.Type.WORD && Character.isDigit(token.text().charAt(0));
    }

    @Override
    public ParseException expected(List<String> choices) {
        return line.unexpected(line.peek(), choices);
    }

    /** Returns a whole number from 0. */
    long number(String what) {
        Token token = line.any(what);
        return number(token, token.text(), what);
    }

    @Override
    public int smallNumber(String what) {
        Token token = line.peek();
        long value = number(what);
        if (value > Integer.MAX_VALUE) {
            throw line.error(token, token.shown() + " is too large; the largest number here is " + Integer.MAX_VALUE);
        }
        return (int) value;
    }

    /** Returns a whole number from 1. */
    @Override
    public int positive(String what) {
        Token token = line.peek();
        int value = smallNumber(what);
        if (value < 1) {
            throw line.error(token, token.shown() + " is too small; write 1 or more");
        }
        return value;
    }

    /** Returns a whole number that may be negative. */
    @Override
    public long signed(String what) {
        Token token = line.any(what);
        boolean negative = token.text().startsWith("-");
        long value = number(token, token.text().substring(negative ? 1 : 0), what);
        return negative ? -value : value;
    }

    /** {@code 0xff} */
    @Override
    public int hexByte() {
        Token token = line.any("a byte, for instance 0xff");
        if (!token.text().matches("0x[0-9a-fA-F]{1,2}")) {
            throw line.error(token, "found " + token.shown() + ", expected a byte, 0x00 to 0xff");
        }
        return Integer.parseInt(token.text().substring(2), 16);
    }

    /** Returns a decimal fraction from 0. */
    @Override
    public double fraction(String what) {
        Token token = line.any(what);
        if (token.text().length() > LONGEST_NUMBER || !token.text().matches("-?[0-9]+(\\.[0-9]+)?")) {
            throw line.error(token, "found " + token.shown() + ", expected " + what);
        }
        return Double.parseDouble(token.text());
    }

    /** Returns a length in bytes, {@code 4096} or {@code 4KiB}. */
    long size(String what) {
        Token token = line.any(what);
        return size(token, token.text());
    }

    /** Returns a time in nanoseconds, {@code 1.5ms}. */
    @Override
    public long time(String what) {
        Token token = line.any(what);
        return time(token, token.text(), what);
    }

    /** {@code 100 requests}, {@code 10MiB}, {@code 5s}. */
    @Override
    public Amount amount(String... counted) {
        Token token = line.any("an amount, for instance 100 " + counted[1] + ", 10MiB or 5s");
        Matcher parts = withUnit(token, token.text(), "an amount, for instance 100 " + counted[1] + ", 10MiB or 5s");
        String unit = parts.group(2);
        if (unit.isEmpty()) {
            long count = number(token, token.text(), "a whole number");
            line.word(counted);
            return checked(token, () -> Amount.requests(count));
        }
        if (TIME_UNITS.contains(unit)) {
            long nanos = time(token, token.text(), "a time");
            return checked(token, () -> new Amount(nanos, Amount.Unit.NANOS));
        }
        if (SizeText.unitBytes(unit).isPresent()) {
            long bytes = size(token, token.text());
            return checked(token, () -> Amount.bytes(bytes));
        }
        throw unknownUnit(token, unit, List.of("B", "KiB", "MiB", "GiB", "TiB", "ns", "us", "ms", "s"));
    }

    /** Runs of plain numbers: {@code 8..15,32,40+8,100..}. */
    @Override
    public Ranges numbers(String what) {
        return ranges(what, text -> number(line.peek(), text, what));
    }

    /** Runs of bytes: {@code 1MiB+64KiB}. */
    Ranges sizes(String what) {
        return ranges(what, text -> size(line.peek(), text));
    }

    /** Returns a time, or two with {@code ..} between them. */
    @Override
    public long[] times(String what) {
        Token token = line.any(what);
        int dots = token.text().indexOf("..");
        if (dots < 0) {
            throw line.error(token, "found " + token.shown() + ", expected " + what);
        }
        return new long[] {
            time(token, token.text().substring(0, dots), what),
            time(token, token.text().substring(dots + 2), what)
        };
    }

    private Ranges ranges(String what, ToLongFunction<String> value) {
        List<Ranges> parts = new ArrayList<>();
        do {
            Token token = line.peek();
            if (token.type() != Token.Type.WORD) {
                throw line.error(token, "found " + token.shown() + ", expected " + what);
            }
            parts.add(checked(token, () -> range(token.text(), value)));
            line.next();
        } while (line.takes(Token.Type.COMMA));
        return Ranges.merged(parts);
    }

    private static Ranges range(String text, ToLongFunction<String> value) {
        int dots = text.indexOf("..");
        int plus = text.indexOf('+');
        if (dots >= 0) {
            long first = value.applyAsLong(text.substring(0, dots));
            String end = text.substring(dots + 2);
            return end.isEmpty() ? Ranges.from(first) : Ranges.of(first, value.applyAsLong(end));
        }
        if (plus >= 0) {
            long first = value.applyAsLong(text.substring(0, plus));
            return Ranges.ofLength(first, value.applyAsLong(text.substring(plus + 1)));
        }
        long only = value.applyAsLong(text);
        return Ranges.of(only, only);
    }

    /** Returns a status by the name that the block layer gives it; an errno is answered with what the kernel makes of it. */
    @Override
    public BlockStatus status() {
        Token token = line.next();
        List<String> names = Arrays.stream(BlockStatus.values())
                .filter(s -> s != BlockStatus.OK)
                .map(Enum::name)
                .toList();
        if (token.is("OK")) {
            throw line.error(token, "OK is no failure; leave the rule out, or name one of " + String.join(", ", names));
        }
        if (token.type() == Token.Type.WORD) {
            for (BlockStatus status : BlockStatus.values()) {
                if (token.is(status.name())) {
                    return status;
                }
                if (token.is(status.errnoName())) {
                    throw line.error(
                            token, status.errnoName() + " is called " + status + " here; write fail " + status);
                }
            }
            if (token.text().matches("E[A-Z0-9]{2,}")) {
                throw line.error(
                        token,
                        token.text()
                                + " would not arrive: the kernel's block layer turns it into EIO; write fail IO, or choose from "
                                + String.join(", ", names));
            }
        }
        throw line.unexpected(token, names);
    }

    private long number(Token token, String text, String what) {
        if (!text.matches("[0-9]+")) {
            throw line.error(token, "found " + token.shown() + ", expected " + what);
        }
        return bounded(token, text);
    }

    private long bounded(Token token, String digits) {
        if (digits.length() > 18) {
            throw line.error(token, token.shown() + " is too large; a number has 18 digits at most");
        }
        return Long.parseLong(digits);
    }

    private long size(Token token, String text) {
        Matcher parts = withUnit(token, text, "a size, for instance 4096, 4KiB or 1MiB");
        OptionalLong unitBytes = SizeText.unitBytes(parts.group(2));
        if (unitBytes.isEmpty()) {
            throw unknownUnit(token, parts.group(2), SIZE_UNITS);
        }
        try {
            return SizeText.bytes(parts.group(1), unitBytes.getAsLong(), Ranges.OPEN - 1);
        } catch (IllegalArgumentException e) {
            throw line.error(token, token.shown() + " " + e.getMessage());
        }
    }

    private long time(Token token, String text, String what) {
        Matcher parts = withUnit(token, text, what + " with its unit, for instance 250us, 5ms or 1.5s");
        int unit = TIME_UNITS.indexOf(parts.group(2));
        if (parts.group(2).isEmpty()) {
            throw line.error(token, token.shown() + " has no unit; a time is written 5us, 5ms or 5s");
        }
        if (unit < 0) {
            throw unknownUnit(token, parts.group(2), TIME_UNITS);
        }
        return exact(token, parts.group(1), TIME_NANOS[unit], "a nanosecond");
    }

    private Matcher withUnit(Token token, String text, String what) {
        Matcher parts = WITH_UNIT.matcher(text.length() > LONGEST_NUMBER ? "" : text);
        if (!parts.matches()) {
            throw line.error(token, "found " + token.shown() + ", expected " + what);
        }
        return parts;
    }

    private ParseException unknownUnit(Token token, String unit, List<String> units) {
        return new ParseException(
                line,
                token,
                "\"" + unit + "\" is no unit here, expected " + String.join(", ", units),
                units.stream()
                        .filter(u -> u.substring(0, 1).equalsIgnoreCase(unit.substring(0, 1)))
                        .sorted(Comparator.comparing(u -> u.charAt(0) != unit.charAt(0)))
                        .map(u -> token.text().replace(unit, u))
                        .toList());
    }

    private long exact(Token token, String digits, long factor, String smallest) {
        BigDecimal value = new BigDecimal(digits).multiply(BigDecimal.valueOf(factor));
        if (value.stripTrailingZeros().scale() > 0) {
            throw line.error(token, token.shown() + " is finer than " + smallest + "; round it");
        }
        if (value.compareTo(BigDecimal.valueOf(Long.MAX_VALUE - 1)) > 0) {
            throw line.error(token, token.shown() + " is too large; the largest is 2^63 - 2");
        }
        return value.longValueExact();
    }
}
