/** Programs and tasks with a time limit. */
package io.ublkdisk.server.process;
