/** Disks and their life: made, served, mounted, cut, rewound, deleted. */
package io.ublkdisk.server;
