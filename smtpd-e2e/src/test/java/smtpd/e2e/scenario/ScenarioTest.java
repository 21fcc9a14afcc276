package smtpd.e2e.scenario;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/// Plays every scenario; `-Dscenario=s-01` only those whose names begin so.
class ScenarioTest {
    private static final String CHOSEN = System.getProperty("scenario", "");

    @TestFactory
    List<DynamicNode> scenarios() throws IOException {
        List<DynamicNode> nodes = new ArrayList<>();
        for (Scenario scenario : Scenario.all()) {
            if (scenario.name().startsWith(CHOSEN)) {
                nodes.add(DynamicContainer.dynamicContainer(scenario.name(), tests(scenario)));
            }
        }
        return nodes;
    }

    private static List<DynamicTest> tests(Scenario scenario) {
        AtomicReference<Stage> stage = new AtomicReference<>();
        List<DynamicTest> tests = new ArrayList<>();
        tests.add(DynamicTest.dynamicTest("start", () -> stage.set(open(scenario))));
        for (Script script : scenario.scripts()) {
            tests.add(
                    DynamicTest.dynamicTest(
                            script.name() + " " + script.why(),
                            () -> {
                                assumeTrue(stage.get() != null, "the daemon did not start");
                                new Player(stage.get(), script).play();
                            }));
        }
        tests.add(
                DynamicTest.dynamicTest(
                        "stop",
                        () -> {
                            assumeTrue(stage.get() != null, "the daemon did not start");
                            close(stage.get());
                        }));
        return tests;
    }

    private static Stage open(Scenario scenario) throws IOException, InterruptedException {
        Account account = Account.unprivileged();
        if (scenario.needs("root")) {
            account = Account.caller();
            assumeTrue(account.isRoot(), "needs root");
            assumeTrue(Account.daemonUsersExist(), "needs the users _smtpd and _smtpq");
        }
        assumeTrue(account.usable(), "needs setpriv to be another user than root");
        assumeTrue(Stage.mayServe(scenario), "needs to listen on port 25 of loopback addresses");
        return Stage.open(scenario, account);
    }

    private static void close(Stage stage) throws IOException, InterruptedException {
        try (stage) {
            if (stage.daemon.isRunning()) {
                stage.daemon.stop();
            }
        }
    }
}
