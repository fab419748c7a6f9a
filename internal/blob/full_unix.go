//go:build unix

package blob

import (
	"errors"
	"syscall"
)

// isFull tells whether a file could not be written for want of room.
func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
