package io.ublkdisk.house;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The rules of the house for sources. Each returns what breaks it, as "place: what is wrong". */
final class HouseRules {
    /** First words of a method's Javadoc that cannot be a verb. */
    private static final Pattern NO_VERB = Pattern.compile(
            "^(Whether|The|A|An|What|Which|How|Where|When|Who|Whose|Why|All|That|This|Those|These|There|If|It|Its|One|Each"
                    + "|Every|Any|No|Nothing|None|Both|Only|Same|True|False|As|Like|For|Of|On|In|At|From|To|With|Without"
                    + "|So|But|And|Or|Not|Never|Always|Also|Again|More|Most|Some|Our|Their|Another)\\b");

    /** Words that make a reader stop, and the plain ones. */
    static final Map<Pattern, String> PLAIN_ENGLISH = Map.of(
            word("whoever"), "name who: a thread, a program, a user",
            word("nobody"), "name who does not: no thread, no program, no user",
            word("somebody"), "name who: a thread, a program, a user",
            word("that one"), "repeat the noun",
            word("those that"), "repeat the noun: rules that",
            word("it is none"), "say what it is, or 'is not a valid …'",
            word("(?<!there )is none[;.,]"), "say what it is, or 'is not a valid …'");

    private HouseRules() {}

    private static Pattern word(String words) {
        return Pattern.compile("(?i)\\b" + words.replace(" ", "\\s+") + (words.endsWith("]") ? "" : "\\b"));
    }

    /** Files with more lines than the limit, or than a limit of their own, by path. */
    static List<String> filesOver(int lines, Map<String, Integer> exceptions, List<SourceFile> files) {
        List<String> wrong = new ArrayList<>();
        for (SourceFile file : files) {
            int limit = exceptions.getOrDefault(file.path(), lines);
            if (file.lines() > limit) {
                wrong.add(file.path() + ": " + file.lines() + " lines (limit " + limit + "); split it by subject");
            }
        }
        return wrong;
    }

    static List<String> methodsOver(int lines, List<SourceFile> files) {
        List<String> wrong = new ArrayList<>();
        for (SourceFile file : files) {
            for (SourceFile.Method method : file.methods()) {
                if (method.lines() > lines) {
                    wrong.add(file.path() + ":" + method.line() + ": " + method.name() + " has " + method.lines()
                            + " lines (limit " + lines + ")");
                }
            }
        }
        return wrong;
    }

    static List<String> packagesOver(int most, Map<String, String> exceptions, List<SourceFile> files) {
        Map<String, Integer> sizes = new TreeMap<>();
        for (SourceFile file : files) {
            if (!file.describesPackage()) {
                sizes.merge(file.packageName(), 1, Integer::sum);
            }
        }
        List<String> wrong = new ArrayList<>();
        sizes.forEach((name, size) -> {
            if (size > most && !exceptions.containsKey(name)) {
                wrong.add(name + ": " + size + " files (limit " + most + "); make a room of one of its subjects");
            }
        });
        return wrong;
    }

    static List<String> packagesWithoutInfo(List<SourceFile> files) {
        Set<String> packages = new TreeSet<>();
        Set<String> described = new TreeSet<>();
        for (SourceFile file : files) {
            (file.describesPackage() ? described : packages).add(file.packageName());
        }
        packages.removeAll(described);
        packages.remove(""); // module-info declares none
        return packages.stream()
                .map(name -> name + ": no package-info.java; say there what the room is")
                .toList();
    }

    /** Simple names of files that stand in more than one package. */
    static List<String> sameNames(Map<String, String> exceptions, List<SourceFile> files) {
        Map<String, Set<String>> packages = new TreeMap<>();
        for (SourceFile file : files) {
            if (!file.describesPackage()) {
                packages.computeIfAbsent(file.topType(), name -> new LinkedHashSet<>())
                        .add(file.packageName());
            }
        }
        List<String> wrong = new ArrayList<>();
        packages.forEach((name, places) -> {
            if (places.size() > 1 && !exceptions.containsKey(name)) {
                wrong.add(name + ": in " + String.join(" and ", places) + "; a simple name stands for one thing");
            }
        });
        return wrong;
    }

    static List<String> typesNamed(Map<String, String> instead, List<SourceFile> files) {
        List<String> wrong = new ArrayList<>();
        for (SourceFile file : files) {
            for (String type : file.types()) {
                if (instead.containsKey(type)) {
                    wrong.add(file.path() + ": " + type + "; the field's word is " + instead.get(type));
                }
            }
        }
        return wrong;
    }

    static List<String> javadocWithoutVerb(List<SourceFile> files) {
        List<String> wrong = new ArrayList<>();
        for (SourceFile file : files) {
            for (SourceFile.Method method : file.methods()) {
                Matcher begin = NO_VERB.matcher(method.javadoc());
                if (begin.find()) {
                    wrong.add(file.path() + ":" + method.line() + ": Javadoc of " + method.name() + " begins with \""
                            + begin.group() + "\"; begin with a verb: Returns whether …");
                }
            }
        }
        return wrong;
    }

    /** Methods of one package that a user may call and that say nothing of what they do. */
    static List<String> undocumented(String packageName, List<SourceFile> files) {
        return files.stream()
                .filter(file -> file.packageName().equals(packageName))
                .flatMap(file -> file.methods().stream()
                        .filter(method -> method.promises() && method.javadoc().isBlank())
                        .map(method -> file.path() + ":" + method.line() + ": " + method.name()
                                + " has no Javadoc; say what it does, units, ranges, errors"))
                .toList();
    }

    static List<String> notPlain(List<SourceFile> files) {
        List<String> wrong = new ArrayList<>();
        for (SourceFile file : files) {
            for (SourceFile.Text text : file.texts()) {
                wrong.addAll(notPlain(file.path() + ":" + text.line(), text.text()));
            }
        }
        return wrong;
    }

    static List<String> notPlain(String place, String text) {
        List<String> wrong = new ArrayList<>();
        PLAIN_ENGLISH.forEach((words, instead) -> {
            for (Matcher found = words.matcher(text); found.find(); ) {
                wrong.add(place + ": \"" + found.group() + "\"; instead: " + instead);
            }
        });
        return wrong;
    }
}
