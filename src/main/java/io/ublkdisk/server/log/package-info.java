/** What is written down: journals, logs of writes, marks, and the server's own log. */
package io.ublkdisk.server.log;
