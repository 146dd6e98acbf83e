package io.ublkdisk.junit;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Holds the arrows of this module, as RoomsTest holds those of the other. */
class JunitRoomsTest {
    private static final String[] ROOMS_BELOW = {
        "io.ublkdisk.block",
        "io.ublkdisk.fault",
        "io.ublkdisk.fault.effect",
        "io.ublkdisk.script",
        "io.ublkdisk.crash",
        "io.ublkdisk.journal",
        "io.ublkdisk.protocol",
        "io.ublkdisk.control"
    };

    private static final JavaClasses CLASSES =
            new ClassFileImporter(Set.of(new ImportOption.DoNotIncludeTests())).importPackages("io.ublkdisk.junit");

    @Test
    void seesTheWholeModule() {
        assertThat(CLASSES.size()).isGreaterThan(80);
    }

    @Test
    void usesOnlyTheRoomsThatAClientNeeds() {
        classes()
                .should()
                .onlyDependOnClassesThat(resideOutsideOfPackage("io.ublkdisk..")
                        .or(resideInAPackage("io.ublkdisk.junit.."))
                        .or(resideInAnyPackage(ROOMS_BELOW)))
                .check(CLASSES);
    }

    @Test
    void hasNoCircleBetweenItsPackages() {
        slices().matching("io.ublkdisk.(**)").should().beFreeOfCycles().check(CLASSES);
    }
}
