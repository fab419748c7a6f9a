//go:build !unix

package blob

import (
	"errors"
	"syscall"
)

// errorDiskFull is ERROR_DISK_FULL of Windows.
const errorDiskFull = syscall.Errno(112)

// isFull tells whether a file could not be written for want of room.
func isFull(err error) bool { return errors.Is(err, errorDiskFull) }
