package io.ublkdisk.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Holds what a project that uses only ublkdisk-junit gets on its test class path: JNA and JUnit beside our two jars. */
class UserDependenciesTest {
    private static final Path PROJECT = project();

    private static Path project() {
        Path folder = Path.of("").toAbsolutePath();
        return Files.isDirectory(folder.resolve("fault-scripts")) ? folder : folder.getParent();
    }

    @Test
    void theServerNeedsJnaAlone() throws Exception {
        assertThat(handedOn("src/pom.xml")).containsExactly("net.java.dev.jna:jna");
    }

    @Test
    void theExtensionNeedsTheServerAndJUnit() throws Exception {
        assertThat(handedOn("junit-extension/pom.xml"))
                .contains("io.ublkdisk:ublkdisk")
                .allMatch(name -> name.equals("io.ublkdisk:ublkdisk") || name.startsWith("org.junit."));
    }

    /** Returns the dependencies that a user of the module gets: not optional, and neither for tests nor provided. */
    private static List<String> handedOn(String pom) throws Exception {
        Element project = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(PROJECT.resolve(pom).toFile())
                .getDocumentElement();
        NodeList all = project.getElementsByTagName("dependency");
        List<String> names = new ArrayList<>();
        for (int i = 0; i < all.getLength(); i++) {
            Element dependency = (Element) all.item(i);
            String scope = text(dependency, "scope");
            if (!text(dependency, "optional").equals("true") && !scope.equals("test") && !scope.equals("provided")) {
                names.add(text(dependency, "groupId") + ":" + text(dependency, "artifactId"));
            }
        }
        return names;
    }

    private static String text(Element parent, String name) {
        NodeList found = parent.getElementsByTagName(name);
        return found.getLength() == 0 ? "" : found.item(0).getTextContent().strip();
    }
}
