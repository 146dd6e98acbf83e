package io.ublkdisk.junit;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import org.apiguardian.api.API;
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

    /** What a test imports does not name the implementation, not even in an annotation: see {@link Engine}. */
    @Test
    void exportsWhatKnowsNothingOfTheEngine() {
        noClasses()
                .that()
                .resideInAPackage("io.ublkdisk.junit")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.ublkdisk.junit.engine..")
                .check(CLASSES);
    }

    /** A new public type here is one more thing that users must learn, so it is added to this list on purpose. */
    @Test
    void exportsTheseTypes() {
        assertThat(CLASSES.stream()
                        .filter(type -> type.getPackageName().equals("io.ublkdisk.junit"))
                        .filter(type ->
                                type.isTopLevelClass() && type.getModifiers().contains(JavaModifier.PUBLIC))
                        .map(JavaClass::getSimpleName))
                .containsExactlyInAnyOrder(
                        "Aim",
                        "Breakpoint",
                        "CrashRun",
                        "CrashStates",
                        "CrashTest",
                        "CrashedDisk",
                        "Daemon",
                        "Disk",
                        "DiskAssert",
                        "DiskAssertions",
                        "DiskServer",
                        "DiskUnavailableException",
                        "Engine",
                        "Faults",
                        "FilePart",
                        "FileSystem",
                        "ForkedDisk",
                        "ReplayFrom",
                        "Times",
                        "UblkDisk",
                        "UblkDiskExtension",
                        "Unflushed",
                        "Verification",
                        "WriteBack");
    }

    @Test
    void declaresTheStatusOfEachExportedType() {
        classes()
                .that()
                .resideInAPackage("io.ublkdisk.junit")
                .and()
                .areTopLevelClasses()
                .and()
                .arePublic()
                .should()
                .beAnnotatedWith(API.class)
                .check(CLASSES);
    }

    /** So that a run without a test engine can use them. */
    @Test
    void runsCrashCampaignsWithoutJunit() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.ublkdisk.junit.engine.campaign",
                        "io.ublkdisk.junit.engine.files",
                        "io.ublkdisk.junit.engine.process")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.junit..")
                .check(CLASSES);
    }

    @Test
    void needsJqwikInOnePackage() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.ublkdisk.junit.engine.jqwik")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("net.jqwik..")
                .check(CLASSES);
    }

    @Test
    void hasNoCircleBetweenItsPackages() {
        slices().matching("io.ublkdisk.(**)").should().beFreeOfCycles().check(CLASSES);
    }
}
