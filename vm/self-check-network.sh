# The tests of TCP between host and guest: ports, debuggers, IDEs. To be sourced by vm/self-check, which runs them.
# shellcheck shell=bash

# A port of this machine at which nothing listens now.
free_port() {
    perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport'
}

in_use() { listening | grep -q "^$1 "; } # PORT

said() { grep -qaF -- "$2" "$1"; } # FILE TEXT

# For what comes only after a boot, on a machine that may be busy: within three minutes.
patiently() { eventually "$@" || eventually "$@" || eventually "$@"; } # COMMAND ARG…

no_relay() { ! pgrep -f "relay host $TMPDIR/" >/dev/null; }

# counter: a server for one connection, which counts what comes until the client has said all, answers, and prints it too.
# sender: its client.
write_programs() {
    cat >counter <<'END'
use IO::Socket::INET;
my $server = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1', LocalPort => shift, ReuseAddr => 1) or die "listen: $!";
my $client = $server->accept;
my $count = 0;
while (sysread $client, my $bytes, 65536) { $count += length $bytes }
print $client "counted $count\n";
close $client;
print "$count\n";
END
    cat >sender <<'END'
use IO::Socket::INET;
my ($host, $port, $count, $leave) = @ARGV;
my $server = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port) or die "$!\n";
print $server 'x' x $count;
exit if $leave;
shutdown $server, 1;
my $answer = <$server>;
print $answer // "$!\n";
END
    # echoes: answers each of its clients, at once, with what it says. many: so many clients at once, each with bytes of its own.
    cat >echoes <<'END'
use IO::Socket::INET;
$SIG{CHLD} = 'IGNORE';
my $server = IO::Socket::INET->new(Listen => 100, LocalAddr => '127.0.0.1', LocalPort => shift, ReuseAddr => 1) or die "listen: $!";
while (my $client = $server->accept) {
    next if fork;
    while (sysread $client, my $bytes, 65536) { print $client $bytes; $client->flush }
    exit;
}
END
    cat >many <<'END'
use IO::Socket::INET;
my ($port, $count, $size) = @ARGV;
for my $number (1 .. $count) {
    next if fork;
    my $server = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or exit 1;
    my $said = chr(64 + $number) x $size;
    if (!fork) { print $server $said; shutdown $server, 1; exit }
    my $heard = '';
    while (sysread $server, my $bytes, 65536) { $heard .= $bytes }
    exit($heard ne $said);
}
my $wrong = 0;
for (1 .. $count) { wait; $wrong++ if $? }
print "$count clients, $wrong wrong\n";
END
}

test_ports_named() {
    local expected words pid
    source "$here/ports.sh"
    printf '%s\n' '# of an IDE' '"-agentlib:jdwp=transport=dt_socket,server=n,suspend=y,address=127.0.0.1:6001"' -cp '"/a b/c:/d"' >arguments
    while IFS='|' read -r expected words; do
        default_settings
        # shellcheck disable=SC2086 # they are words
        find_named_ports $words 2>err
        check "$words" same "$expected" "forward ${forward_ports[*]}, reach ${reach_ports[*]}"
    done <<'END'
forward 5005, reach |-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=5005 Main
forward 5005, reach |-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=*:5005 Main
forward 8000, reach |-Xdebug -Xrunjdwp:transport=dt_socket,server=y,address=localhost:8000,quiet=y Main
forward , reach 6000|-agentlib:jdwp=transport=dt_socket,server=n,suspend=y,address=127.0.0.1:6000 Main
forward , reach 6000|-agentlib:jdwp=transport=dt_socket,suspend=y,address=[::1]:6000 Main
forward , reach |-agentlib:jdwp=transport=dt_socket,server=y Main
forward , reach |-agentlib:jdwp=transport=dt_socket,server=n,address=192.0.2.7:5005 Main
forward , reach 6001|@arguments Main
forward , reach 6002 6003|-javaagent:/opt/idea/lib/idea_rt.jar=6002:/opt/idea/bin com.intellij.rt.junit.JUnitStarter -ideVersion5 -socket6003
forward , reach 6004|-cp x org.eclipse.jdt.internal.junit.runner.RemoteTestRunner -version 3 -port 6004 -testLoaderClass y
forward , reach 6005|com.microsoft.java.test.runner.Launcher 6005 testng Test
forward , reach 6006|org.apache.maven.surefire.booter.ForkedBooter tcp://127.0.0.1:6006?sessionId=1
forward 9010, reach |-Dcom.sun.management.jmxremote.port=9010 Main
forward , reach |-jar server.jar -port 8080 -socket9000
END
    default_settings
    JAVA_TOOL_OPTIONS=-agentlib:jdwp=transport=dt_socket,server=y,address=5007 find_named_ports Main
    check "JAVA_TOOL_OPTIONS" same 5007 "${forward_ports[*]}"
    default_settings
    perl -MIO::Socket::INET -e '$| = 1; $s = IO::Socket::INET->new(Listen => 1, LocalAddr => "0.0.0.0"); print $s->sockport, "\n"; sleep 100' >port &
    pid=$!
    eventually test -s port
    parent_java() { echo "$pid"; }
    find_parent_ports
    kill "$pid"
    check "a port at which our parent listens" same "$(<port)" "${reach_ports[*]}"
    default_settings
}

# Commands of a kept VM have ports of their own; what one forwards and reaches ends with it.
test_ports_kept() {
    local port other server first
    write_programs
    port=$(free_port) other=$(free_port)
    capture "$here/start"
    check "start" same 0 "$status"
    "$here/run" --forward "$port" perl counter "$port" >first 2>first.err &
    first=$!
    check "a first command listens" patiently in_use "$port"
    # The same port in the guest, reached in place of forwarded: another command has another loopback.
    perl counter "$other" >heard &
    server=$!
    check "a server here" eventually in_use "$other"
    capture "$here/run" --reach "$other" perl sender 127.0.0.1 "$other" 200000
    check "a second one reaches this machine" same "counted 200000" "$(<out)"
    wait "$server"
    check "what the host got" same 200000 "$(<heard)"
    capture "$here/run" perl sender 127.0.0.1 "$other" 10
    check "a third one that did not ask for it does not" contains err "refused"
    capture "$here/run" --forward "$port" true
    check "a port that another command forwards" contains err "port $port cannot be forwarded"
    capture perl sender 127.0.0.1 "$port" 300000
    check "the first one's answer" same "counted 300000" "$(<out)"
    wait "$first" || true
    check "and its end" same 300000 "$(<first)"
    check "its port is free" eventually eval "! in_use $port"
    check "no list is left" eventually eval '[[ ! $(ls -A "$UBLKDISK_VM_STATE"/vm.*/reach) ]]'
    check "no relay left" eventually no_relay
    capture "$here/stop"
    check "stop" same 0 "$status"
}

test_ports_bad_input() {
    local port pid
    capture "$here/run" --forward x true
    check "no number" contains err "forward 'x' is not a port from 1 to 65535"
    check "exit status" same 2 "$status"
    UBLKDISK_VM_REACH=5005,70000 capture "$here/run" true
    check "out of range" contains err "reach '70000' is not a port from 1 to 65535"
    capture "$here/run" --forward 5005 --reach 5005 true
    check "both" contains err "port 5005 is to be both forwarded"
    capture "$here/java/bin/java" -agentlib:jdwp=transport=dt_socket,server=y,address=123456 Main
    check "of a debugger: exit status" same 2 "$status"
    check "of a debugger" contains err "forward '123456' is not a port"
    port=$(free_port)
    write_programs
    perl counter "$port" >/dev/null &
    pid=$!
    eventually in_use "$port"
    capture "$here/run" --forward "$port" true
    check "in use" contains err "port $port cannot be forwarded: on this machine it is in use already by process $pid (perl)"
    check "in use: exit status" same 2 "$status"
    kill "$pid"
    # Bound, and not listening: no list shows it, and QEMU meets it.
    rm -f bound
    perl -MSocket -e 'socket S, PF_INET, SOCK_STREAM, 0; bind S, sockaddr_in($ARGV[0], INADDR_LOOPBACK) or die; open F, ">bound"; close F; sleep 100' "$port" &
    pid=$!
    eventually test -e bound
    capture "$here/run" --forward "$port" true
    check "taken while QEMU starts" contains err "port $port cannot be forwarded: on this machine it is in use already"
    check "taken while QEMU starts: exit status" same 2 "$status"
    kill "$pid"
    if ((EUID == 0)); then
        capture setpriv --reuid 65534 --clear-groups env HOME=/ "$here/run" --forward 80 true
        check "as a user" contains err "port 80 cannot be forwarded: on this machine only root listens below"
    fi
    check "nothing left" same "" "$(ls -A "$TMPDIR")"
}

test_ports() {
    local to_host to_guest nothing last echo echo_pid
    to_host=$(free_port) to_guest=$(free_port) nothing=$(free_port) last=$(free_port) echo=$(free_port)
    write_programs
    cat >inside <<'END'
perl sender 127.0.0.1 $1 2000000
perl sender 127.0.0.1 $3 1
timeout 60 perl counter $2
ls /sys/class/net
perl sender 10.0.2.2 $1 1
perl many $5 30 200000
perl sender 127.0.0.1 $4 1000000 leave
END
    timeout 200 perl counter "$to_host" >counted &
    timeout 200 perl counter "$last" >counted-last &
    # What connects before the program listens waits for it.
    { patiently in_use "$to_guest" && timeout 100 perl sender 127.0.0.1 "$to_guest" 3000000 >answer; } &
    perl echoes "$echo" &
    echo_pid=$!
    eventually in_use "$to_host"
    capture "$here/run" --timeout 150 --reach "$to_host" --reach "$nothing" --reach "$last" --reach "$echo" --forward "$to_guest" \
        bash inside "$to_host" "$to_guest" "$nothing" "$last" "$echo"
    kill "$echo_pid"
    check "to the host, and its answer" contains out "counted 2000000"
    check "what the host got" same 2000000 "$(<counted)"
    check "a port of the host at which nothing listens" contains out "reset by peer"
    check "to the guest" contains out 3000000
    check "the guest's answer" same "counted 3000000" "$(<answer)"
    check "30 connections at once" contains out "30 clients, 0 wrong"
    check "the guest has loopback alone" same lo "$(grep -xE 'lo|(eth|en).*' out)"
    check "nothing beyond loopback is reached" contains err "unreachable"
    check "the last bytes of a program arrive" eventually said counted-last 1000000
    check "nothing left" eventually nothing_runs
    check "no relay left" eventually no_relay
}

# The IDEs' runners and a test: fetched and compiled once, for the tests that follow.
prepare_ide() {
    ide=$work/ide
    [[ ! -d $ide ]] || return 0
    mkdir -p "$ide/classes"
    cat >"$ide/pom.xml" <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>io.ublkdisk</groupId>
  <artifactId>vm-self-check-ide</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>org.junit.jupiter</groupId><artifactId>junit-jupiter</artifactId><version>5.14.4</version></dependency>
    <dependency><groupId>org.junit.platform</groupId><artifactId>junit-platform-launcher</artifactId><version>1.14.4</version></dependency>
    <dependency>
      <groupId>org.eclipse.jdt</groupId><artifactId>org.eclipse.jdt.junit.runtime</artifactId><version>3.8.100</version>
      <exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>
    </dependency>
    <dependency>
      <groupId>org.eclipse.jdt</groupId><artifactId>org.eclipse.jdt.junit5.runtime</artifactId><version>1.2.0</version>
      <exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>
    </dependency>
  </dependencies>
</project>
END
    mvn --batch-mode -q "${maven_arguments[@]}" -f "$ide/pom.xml" \
        org.apache.maven.plugins:maven-dependency-plugin:3.6.0:copy-dependencies -DoutputDirectory="$ide/lib" >"$ide/log" 2>&1 ||
        { cat "$ide/log" && return 1; }
    cat >"$ide/GuestTest.java" <<'END'
package guest;

import static org.junit.jupiter.api.Assertions.*;

import java.nio.file.*;
import org.junit.jupiter.api.Test;

class GuestTest {
    @Test
    void findsUblk() {
        Path control = Path.of("/dev/ublk-control");
        assertTrue(Files.exists(control));
    }
}
END
    # The two parts of IntelliJ's runtime that speak to the IDE. No public Maven repository has them, so these are stand-ins: they
    # have the same names, take the same arguments and speak the same bytes; JUnit's own launcher runs the tests.
    cat >"$ide/JUnitStarter.java" <<'END'
package com.intellij.rt.junit;

import java.io.*;
import java.net.*;
import java.nio.file.*;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.*;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

public class JUnitStarter {
    public static void main(String[] words) throws Exception {
        var request = LauncherDiscoveryRequestBuilder.request();
        String names = null;
        for (String word : words) {
            if (word.startsWith("@/")) names = word.substring(1);
            if (word.startsWith("-socket")) {
                try (Socket ide = new Socket(InetAddress.getByName("127.0.0.1"), Integer.parseInt(word.substring(7)))) {
                    new DataInputStream(ide.getInputStream()).readBoolean();
                }
            }
        }
        for (String name : Files.readAllLines(Path.of(names))) request.selectors(DiscoverySelectors.selectClass(name));
        var listener = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request.build(), listener);
        System.out.println("##teamcity[tests passed=" + listener.getSummary().getTestsSucceededCount() + "]");
        Thread.sleep(100_000); // until the IDE says STOP
    }
}
END
    cat >"$ide/Agent.java" <<'END'
package com.intellij.rt.execution.application;

import java.io.*;
import java.net.*;

public class Agent {
    public static void premain(String words) {
        int port = Integer.parseInt(words.substring(0, words.indexOf(':')));
        Thread monitor = new Thread(() -> {
            try (Socket ide = new Socket("127.0.0.1", port)) {
                var reader = new BufferedReader(new InputStreamReader(ide.getInputStream()));
                for (String line; (line = reader.readLine()) != null; ) if (line.equals("STOP")) System.exit(1);
            } catch (IOException e) {
                e.printStackTrace();
            }
        });
        monitor.setDaemon(true);
        monitor.start();
    }
}
END
    echo "Premain-Class: com.intellij.rt.execution.application.Agent" >"$ide/manifest"
    javac -g --release 17 -cp "$ide/lib/*" -d "$ide/classes" "$ide"/*.java &&
        jar --create --file "$ide/idea_rt.jar" --manifest "$ide/manifest" -C "$ide/classes" com/intellij/rt/execution
}

# A debugger for a person, driven by us: its commands go to descriptor 7, what it says is in the file `debugger`.
start_jdb() { # ARG…
    mkfifo commands
    exec 7<>commands
    jdb "$@" <&7 >debugger 2>&1 &
    debugger=$!
}

end_jdb() {
    exec 7>&-
    kill "$debugger" 2>/dev/null || true
    wait "$debugger" 2>/dev/null || true
}

stop_at_breakpoint() {
    echo "stop in guest.GuestTest.findsUblk" >&7
    check "takes a breakpoint" patiently said debugger "eferring breakpoint"
    echo cont >&7
    check "stops there" patiently said debugger "Breakpoint hit"
    echo next >&7
    check "steps" patiently said debugger "Step completed"
    echo "print control" >&7
    check "sees a variable" patiently said debugger 'control = "/dev/ublk-control"'
    echo cont >&7
}

# VS Code, with the runner that it takes from Eclipse: the debugger listens; the runner tells its results over a port; class path
# and debugger are named in an argument file in /tmp.
test_vscode() {
    prepare_ide
    local results debug arguments ide_pid launcher
    results=$(free_port) debug=$(free_port)
    arguments=$(mktemp /tmp/cp_ublkdisk.XXXXXX)
    defer rm -f "$arguments"
    cat >"$arguments" <<END
-agentlib:jdwp=transport=dt_socket,server=n,suspend=y,address=localhost:$debug
-cp "$ide/classes:$(printf '%s:' "$ide"/lib/*.jar)"
END
    timeout 300 perl -MIO::Socket::INET -e '$| = 1;
        $s = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1", LocalPort => shift, ReuseAddr => 1) or die;
        $c = $s->accept; while (<$c>) { print }' "$results" >results &
    ide_pid=$!
    start_jdb -connect "com.sun.jdi.SocketListen:port=$debug,localAddress=127.0.0.1"
    eventually in_use "$debug"
    UBLKDISK_VM_TIMEOUT=300 "$here/java/bin/java" "@$arguments" org.eclipse.jdt.internal.junit.runner.RemoteTestRunner \
        -version 3 -port "$results" -testLoaderClass org.eclipse.jdt.internal.junit5.runner.JUnit5TestLoader \
        -loaderpluginname org.eclipse.jdt.junit5.runtime -test guest.GuestTest:findsUblk >out 2>err &
    launcher=$!
    check "the JVM comes to the debugger" patiently said debugger "VM Started"
    stop_at_breakpoint
    status=0
    wait "$launcher" || status=$?
    check "exit status" same 0 "$status"
    wait "$ide_pid" || true
    check "one test" contains results "%TESTC  1"
    check "no failure" same 0 "$(grep -c '%FAILED\|%ERROR' results)"
    check "the results to the last" contains results "%RUNTIME"
    end_jdb
    check "nothing left" eventually nothing_runs
}

# IntelliJ: the JVM listens for the debugger; an agent waits for STOP; the names of the tests come into a file in /tmp while the
# runner waits for them.
test_intellij() {
    prepare_ide
    local stop ready debug arguments names ide_pid launcher
    stop=$(free_port) ready=$(free_port) debug=$(free_port)
    arguments=$(mktemp /tmp/idea_arg_file.XXXXXX)
    names=$(mktemp /tmp/idea_junit.XXXXXX)
    defer rm -f "$arguments" "$names"
    cat >"$arguments" <<END
-agentlib:jdwp=transport=dt_socket,server=y,suspend=y,address=127.0.0.1:$debug
"-javaagent:$ide/idea_rt.jar=$stop:/opt/idea/bin"
-classpath "$ide/classes:$(printf '%s:' "$ide"/lib/*.jar)"
END
    timeout 300 perl -MIO::Socket::INET -e '($stop, $ready, $names) = @ARGV;
        ($stop, $ready) = map { IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1", LocalPort => $_, ReuseAddr => 1) or die } $stop, $ready;
        $agent = $stop->accept; $runner = $ready->accept; sleep 1;
        open $file, ">", $names; print $file "guest.GuestTest\n"; close $file; print $runner "\1"; close $runner;
        select undef, undef, undef, 0.1 until -e "stop-now"; print $agent "STOP\n"; <$agent>' "$stop" "$ready" "$names" &
    ide_pid=$!
    eventually in_use "$ready"
    UBLKDISK_VM_TIMEOUT=300 "$here/java/bin/java" "@$arguments" com.intellij.rt.junit.JUnitStarter -ideVersion5 -junit5 \
        "@w@/tmp/no-such" "@$names" "-socket$ready" >out 2>err &
    launcher=$!
    eventually in_use "$debug"
    start_jdb -attach "127.0.0.1:$debug" # while the guest still boots
    check "the debugger attaches" patiently said debugger "VM Started"
    stop_at_breakpoint
    check "the names that came late, and the result" patiently said out "##teamcity[tests passed=1]"
    : >stop-now
    status=0
    wait "$launcher" || status=$?
    check "STOP ends it" same 1 "$status"
    wait "$ide_pid" || true
    end_jdb
    check "nothing left" eventually nothing_runs
}

# Gradle's daemon and its worker, in the parts that touch the VM: the worker is probed first; its class path is in an argument file in
# /tmp; the port of the daemon comes over stdin and is on no command line.
test_gradle_worker() {
    cat >Daemon.java <<'END'
import java.io.*;
import java.net.*;
import java.nio.file.*;

public class Daemon {
    public static void main(String[] words) throws Exception {
        Path arguments = Files.createTempFile(Path.of("/tmp"), "gradle-worker-classpath", "txt");
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Files.writeString(arguments, "-cp\n\"" + words[1] + "\"\n");
            Process worker = new ProcessBuilder(words[0], "@" + arguments, "Worker").redirectError(new File("worker.err")).start();
            new DataOutputStream(worker.getOutputStream()).writeInt(server.getLocalPort());
            worker.getOutputStream().flush();
            server.setSoTimeout(200_000);
            try (Socket connection = server.accept()) {
                var in = new DataInputStream(connection.getInputStream());
                System.out.println("worker: " + in.readUTF());
                new DataOutputStream(connection.getOutputStream()).writeUTF("well done");
            }
            System.out.print(new String(worker.getInputStream().readAllBytes()));
            System.out.println("status " + worker.waitFor());
        } finally {
            Files.delete(arguments);
        }
    }
}
END
    cat >Worker.java <<'END'
import java.io.*;
import java.net.*;
import java.nio.channels.SocketChannel;
import java.nio.file.*;

public class Worker {
    public static void main(String[] words) throws Exception {
        int port = new DataInputStream(System.in).readInt();
        for (String candidate : new String[] {"0:0:0:0:0:0:0:1", "127.0.0.1"}) {
            Socket daemon = SocketChannel.open().socket();
            daemon.connect(new InetSocketAddress(InetAddress.getByName(candidate), port), 10_000);
            new DataOutputStream(daemon.getOutputStream()).writeUTF("ublk " + Files.exists(Path.of("/dev/ublk-control")));
            System.out.println(candidate + ": " + new DataInputStream(daemon.getInputStream()).readUTF());
            return;
        }
    }
}
END
    cat >JavaProbe.java <<'END'
public class JavaProbe {
    public static void main(String[] words) {
        System.out.print(System.getProperty("os.version"));
    }
}
END
    mkdir classes
    javac --release 17 -d classes Worker.java JavaProbe.java
    check "Gradle's question for the JVM needs no VM" same "$(uname -r)" \
        "$(cd classes && "$here/java/bin/java" -Xmx32m -Xms32m -cp . JavaProbe)"
    UBLKDISK_VM_TIMEOUT=200 capture java Daemon.java "$here/java/bin/java" "$PWD/classes"
    check "the worker in the guest" contains out "worker: ublk true"
    check "what the daemon answers" contains out "well done"
    check "exit status of the worker" contains out "status 0"
    check "nothing left" eventually nothing_runs
}

network_tests=(ports_named ports_bad_input ports_kept ports vscode intellij gradle_worker)
