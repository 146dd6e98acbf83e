/** What outlives a server: the records of its devices, and the orphans that killed servers left. */
package io.ublkdisk.server.recovery;
