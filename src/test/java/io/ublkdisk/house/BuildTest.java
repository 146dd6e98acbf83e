package io.ublkdisk.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * What the parent's {@code pom.xml} tells Failsafe for what was given to Maven. Before 3.6 Failsafe read {@code skipTests} by
 * itself, from 3.6 on it does not, so both switches are in its configuration.
 */
class BuildTest {
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([^}]+)}");

    @ParameterizedTest
    @CsvSource({
        "skipTests, skipITs", // mvn -DskipTests, for Failsafe 3.6 and newer
        "skipTests, skipTests", // for an older one
        "skipITs, skipITs", // mvn -DskipITs
    })
    void noIntegrationTestRunsWith(String given, String switchOfFailsafe) throws Exception {
        assertThat(failsafe(switchOfFailsafe, Map.of(given, "true"))).isEqualTo("true");
    }

    @Test
    void integrationTestsRunUnlessTheyAreSkipped() throws Exception {
        assertThat(failsafe("skipITs", Map.of())).isEqualTo("false");
        assertThat(failsafe("skipTests", Map.of())).isEqualTo("false");
        assertThat(failsafe("skipTests", Map.of("skipITs", "true"))).isEqualTo("false");
    }

    /** Returns that element of Failsafe's configuration, with Maven's properties in it; empty if there is none. */
    private static String failsafe(String element, Map<String, String> given) throws Exception {
        Element pom = DocumentBuilderFactory.newDefaultInstance()
                .newDocumentBuilder()
                .parse(Path.of("..", "pom.xml").toFile())
                .getDocumentElement();
        Map<String, String> properties = new HashMap<>();
        for (Node each = child(pom, "properties").getFirstChild(); each != null; each = each.getNextSibling()) {
            properties.put(each.getNodeName(), each.getTextContent());
        }
        properties.putAll(given);
        for (Node each = child(child(pom, "build"), "plugins").getFirstChild();
                each != null;
                each = each.getNextSibling()) {
            if (each instanceof Element plugin
                    && child(plugin, "artifactId").getTextContent().equals("maven-failsafe-plugin")) {
                Element found = child(child(plugin, "configuration"), element);
                return found == null ? "" : interpolated(found.getTextContent(), properties);
            }
        }
        throw new AssertionError("no maven-failsafe-plugin in ../pom.xml");
    }

    private static String interpolated(String text, Map<String, String> properties) {
        String before = text;
        String after = replaced(before, properties);
        while (!after.equals(before)) {
            before = after;
            after = replaced(before, properties);
        }
        return after;
    }

    private static String replaced(String text, Map<String, String> properties) {
        return REFERENCE.matcher(text).replaceAll(found -> Matcher.quoteReplacement(properties.get(found.group(1))));
    }

    private static Element child(Element parent, String name) {
        for (Node each = parent.getFirstChild(); each != null; each = each.getNextSibling()) {
            if (each instanceof Element found && found.getTagName().equals(name)) {
                return found;
            }
        }
        return null;
    }
}
