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
