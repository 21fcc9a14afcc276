package smtpd.e2e.arch;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import smtpd.core.proc.LinkPeer;
import smtpd.core.proc.Role;

import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;

/// Who may use what (ARCHITECTURE.md): processes know each other only through messages, a library
/// is a privilege, and pure code does no I/O.
class ArchTest {
    private static final List<String> PROCESSES =
            List.of("parent", "smtp", "lka", "queue", "scheduler", "mta", "mda", "ca", "control");

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("smtpd");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "parent",
                "smtp",
                "lka",
                "queue",
                "scheduler",
                "mta",
                "mda",
                "ca",
                "control"
            })
    void aProcessKnowsNoOtherProcess(String process) {
        String[] others =
                PROCESSES.stream()
                        .filter(other -> !other.equals(process))
                        .map(other -> "smtpd." + other + "..")
                        .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage("smtpd." + process + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(others)
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void coreKnowsNoProcess() {
        noClasses()
                .that()
                .resideInAPackage("smtpd.core..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        PROCESSES.stream()
                                .map(process -> "smtpd." + process + "..")
                                .toArray(String[]::new))
                .check(CLASSES);
    }

    @Test
    void everyProcessIsLookedAt() {
        for (String process : PROCESSES) {
            assertTrue(
                    CLASSES.stream().anyMatch(it -> it.getPackageName().equals("smtpd." + process)),
                    process);
        }
    }

    @Test
    void foreignMemoryOnlyInSys() {
        noClasses()
                .that()
                .resideOutsideOfPackage("smtpd.core.sys")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.lang.foreign..", "sun..", "jdk.internal..")
                .check(CLASSES);
    }

    @Test
    void reflectionOnlyInSys() {
        noClasses()
                .that()
                .resideOutsideOfPackage("smtpd.core.sys")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.reflect..")
                .orShould()
                .callMethod(Class.class, "forName", String.class)
                .check(CLASSES);
    }

    @Test
    void dnsLibraryOnlyInLka() {
        onlyIn("org.xbill..", "smtpd.lka..");
    }

    @Test
    void databasesOnlyWhereTheyAreKept() {
        onlyIn(
                "org.sqlite..",
                "smtpd.lka..",
                "smtpd.queue..",
                "smtpd.scheduler..",
                "smtpd.control..");
    }

    @Test
    void zstdOnlyInTheStore() {
        onlyIn("com.github.luben..", "smtpd.queue.store..");
    }

    @Test
    void cryptographyLibraryOnlyWhereItIsAPrivilege() {
        onlyIn(
                "org.bouncycastle..",
                "smtpd.parent..",
                "smtpd.ca..",
                "smtpd.smtp..",
                "smtpd.mta..",
                "smtpd.lka.auth..",
                "smtpd.testkit.tls..");
    }

    @Test
    void filtersNeedNothingButTheJdk() {
        noClasses()
                .that()
                .resideInAPackage("smtpd.filter..")
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages(
                        "smtpd.filter..",
                        "java.lang",
                        "java.io",
                        "java.math",
                        "java.net",
                        "java.nio..",
                        "java.time..",
                        "java.util..",
                        "org.jspecify..")
                .check(CLASSES);
    }

    @Test
    void noProcessKnowsTheFilters() {
        noClasses()
                .that()
                .resideOutsideOfPackage("smtpd.filter..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("smtpd.filter..")
                .check(CLASSES);
    }

    private static void onlyIn(String library, String... rooms) {
        noClasses()
                .that()
                .resideOutsideOfPackages(rooms)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .check(CLASSES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mail", "smtp", "message", "imsg", "slice"})
    void pureRoomsOfCoreDoNothingButCompute(String room) {
        noClasses()
                .that()
                .resideInAPackage("smtpd.core." + room + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.nio.file..",
                        "java.nio.channels..",
                        "java.net..",
                        "java.util.concurrent..",
                        "org.slf4j..",
                        "smtpd.core.sys..")
                .orShould()
                .dependOnClassesThat(type(Thread.class))
                .check(CLASSES);
    }

    @Test
    void theConfigurationSeesTheMachineOnlyThroughItsEnvironment() {
        noClasses()
                .that()
                .resideInAPackage("smtpd.core.conf..")
                .and()
                .haveSimpleNameNotEndingWith("Environment")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.net..", "java.util.concurrent..", "smtpd.core.sys..")
                .orShould()
                .dependOnClassesThat(type(Thread.class))
                .orShould()
                .dependOnClassesThat(type(java.nio.file.Files.class))
                .check(CLASSES);
    }

    @Test
    void messagesKnowOnlyRolesOfTheRunTime() {
        noClasses()
                .that()
                .resideInAPackage("smtpd.core.imsg..")
                .should()
                .dependOnClassesThat(
                        resideInAPackage("smtpd.core.proc..").and(not(type(Role.class))))
                .check(CLASSES);
    }

    @Test
    void roomsOfCoreHaveNoCycles() {
        slices().matching("smtpd.core.(*)..")
                .should()
                .beFreeOfCycles()
                .ignoreDependency(alwaysTrue(), type(Role.class))
                .check(CLASSES);
    }

    @Test
    void agentsThinkAndDoNothingElse() {
        noClasses()
                .that()
                .haveSimpleNameEndingWith("Agent")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.util.concurrent.locks..",
                        "java.nio.file..",
                        "java.nio.channels..",
                        "java.net..",
                        "smtpd.core.sys..")
                .orShould()
                .dependOnClassesThat(type(Thread.class))
                .orShould()
                .dependOnClassesThat(type(Future.class))
                .check(CLASSES);
    }

    @Test
    void agentsNeverWaitForAPeer() {
        noClasses()
                .that()
                .haveSimpleNameEndingWith("Agent")
                .should()
                .callMethodWhere(
                        describe(
                                "a call that waits for a peer",
                                call ->
                                        call.getTargetOwner().isEquivalentTo(LinkPeer.class)
                                                && call.getName().startsWith("call")))
                .check(CLASSES);
    }

    @Test
    void onlyTheRunTimeReadsTheMonotonicClock() {
        noClasses()
                .that()
                .haveSimpleNameEndingWith("Agent")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .dependOnClassesThat(type(Executor.class))
                .check(CLASSES);
    }
}
