/** Clients of the server: accepts them, reads their commands, answers; runs the command line for them. */
package io.ublkdisk.server.session;
