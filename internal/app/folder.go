package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// What a folder of an instance holds beside its database.
const (
	keyFile        = "record.key"        // signs the record's checkpoints
	checkpointFile = "record.checkpoint" // the newest published checkpoint, outside the database
	lockFile       = "lock"              // held by the program that writes
	backupFolder   = "backups"
	blobFolder     = "files"
)

// ErrLocked: another program works on the folder.
var ErrLocked = errors.New("another program works on this folder")

// folderLock keeps a second program away from a folder. The operating system drops it when the program dies.
type folderLock struct{ file *os.File }

func lockFolder(dir string) (*folderLock, error) {
	path := filepath.Join(dir, lockFile)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the instance's folder: %w; the program needs to write there", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder := make([]byte, 20)
		n, _ := f.Read(holder)
		f.Close()
		who := "another program"
		if pid, err := strconv.Atoi(strings.TrimSpace(string(holder[:n]))); err == nil {
			who = fmt.Sprintf("the program with process number %d", pid)
		}
		return nil, fmt.Errorf("%w: %s has %s open; stop it first, or use another folder", ErrLocked, who, dir)
	}
	if err := f.Truncate(0); err == nil {
		f.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
	}
	return &folderLock{f}, nil
}

func (l *folderLock) release() error { return l.file.Close() }
