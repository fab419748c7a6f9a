package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"rostrum.example/internal/store"
)

// directory keeps files in a folder and its folders.
//
// Invariant: a name that ParseName accepts belongs to a file that is whole. What is being written stands under
// incoming, which is no such name.
type directory struct {
	root   *os.Root
	random io.Reader
	// publishing is held while a file gets its name on a file system without hard links.
	publishing sync.Mutex
}

// incoming is where files stand until they are whole.
const incoming = ".incoming"

// abandoned is the age at which what stands there belongs to no running program any more.
const abandoned = 7 * 24 * time.Hour

func openDirectory(where string, random io.Reader) (*directory, error) {
	if err := os.MkdirAll(where, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(where)
	if err != nil {
		return nil, err
	}
	d := &directory{root: root, random: random}
	switch err = root.Mkdir(incoming, 0o700); {
	case err == nil: // a new place: it and its name must outlast a power cut like what will stand in it
		err = errors.Join(d.sync("."), syncParent(where))
	case errors.Is(err, fs.ErrExist):
		err = d.sweep()
	}
	if err != nil {
		root.Close()
		return nil, err
	}
	return d, nil
}

func (d *directory) close() error { return d.root.Close() }

// sweep removes what a program that died has left. Ages are by the file system's own clock.
func (d *directory) sweep() error {
	draft, f, err := d.draft()
	if isFull(err) {
		return nil // a full disk can still be read
	}
	if err != nil {
		return err
	}
	defer d.root.Remove(draft)
	probe, err := f.Stat()
	f.Close()
	if err != nil {
		return err
	}
	f, err = d.root.Open(incoming)
	if err != nil {
		return err
	}
	defer f.Close()
	entries, err := f.ReadDir(-1)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || probe.ModTime().Sub(info.ModTime()) < abandoned {
			continue
		}
		if err := d.root.Remove(path.Join(incoming, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// draft makes a file under a name of its own in incoming.
func (d *directory) draft() (name string, f *os.File, err error) {
	id, err := store.NewID(d.random)
	if err != nil {
		return "", nil, err
	}
	name = path.Join(incoming, id)
	f, err = d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	return name, f, err
}

// put writes a file under a name of its own in incoming, brings it to the disk, and then gives it its name.
func (d *directory) put(_ context.Context, name Name, r io.Reader) (size int64, err error) {
	draft, f, err := d.draft()
	if err != nil {
		return 0, err
	}
	defer d.root.Remove(draft)
	size, err = io.Copy(f, r)
	if err == nil {
		err = d.blur(f, draft)
	}
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return 0, err
	}
	if err := d.folders(path.Dir(string(name))); err != nil {
		return 0, err
	}
	if err := d.publish(draft, string(name)); err != nil {
		return 0, err
	}
	if err := d.sync(path.Dir(string(name))); err != nil {
		// Whether the name has reached the disk is not known, so it goes.
		d.root.Remove(string(name))
		return 0, err
	}
	return size, nil
}

// blur sets a file's time to the beginning of its day: it may be a report, and the hour would say too much.
func (d *directory) blur(f *os.File, name string) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	day := info.ModTime().UTC().Truncate(24 * time.Hour)
	return d.root.Chtimes(name, day, day)
}

// publish gives a file its name unless the name is taken. A hard link does both in one step, among any number
// of programs. A file system without links (some shared and removable ones) is used by one program.
func (d *directory) publish(draft, name string) error {
	err := d.root.Link(draft, name)
	switch {
	case errors.Is(err, fs.ErrExist), isNotFolder(err):
		return ErrExists // or a file stands where the name has a folder
	case errors.Is(err, errors.ErrUnsupported), errors.Is(err, syscall.EPERM):
		return d.rename(draft, name)
	}
	return err
}

func (d *directory) rename(draft, name string) error {
	d.publishing.Lock()
	defer d.publishing.Unlock()
	if _, err := d.root.Lstat(name); err == nil {
		return ErrExists
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return d.root.Rename(draft, name)
}

// folders makes the folders of a name and brings each new one to the disk.
func (d *directory) folders(dir string) error {
	if dir == "." {
		return nil
	}
	if err := d.folders(path.Dir(dir)); err != nil {
		return err
	}
	err := d.root.Mkdir(dir, 0o700)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil
	case isNotFolder(err):
		return ErrExists // a file stands where the name has a folder
	case err != nil:
		return err
	}
	return d.sync(path.Dir(dir))
}

// sync brings the names in a folder to the disk.
func (d *directory) sync(dir string) error {
	return syncFolder(d.root.Open(dir))
}

func syncParent(where string) error {
	abs, err := filepath.Abs(where)
	if err != nil {
		return err
	}
	err = syncFolder(os.Open(filepath.Dir(abs)))
	if errors.Is(err, fs.ErrPermission) {
		return nil // it belongs to someone else, who made it before
	}
	return err
}

func syncFolder(f *os.File, err error) error {
	if err != nil {
		return err
	}
	defer f.Close()
	if runtime.GOOS == "windows" {
		return nil // there a folder cannot be synced, and need not be
	}
	return f.Sync()
}

func (d *directory) get(_ context.Context, name Name) (*File, error) {
	f, err := d.root.Open(string(name))
	if isMissing(err) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = ErrNotFound
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return &File{f, info.Size()}, nil
}

func (d *directory) delete(_ context.Context, name Name) error {
	info, err := d.root.Lstat(string(name))
	if err == nil && !info.Mode().IsRegular() {
		return ErrNotFound
	}
	if err == nil {
		err = d.root.Remove(string(name))
	}
	if isMissing(err) { // or another was faster
		return ErrNotFound
	}
	if err != nil {
		return err
	}
	return d.sync(path.Dir(string(name)))
}

func (d *directory) list(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) { d.walk(ctx, ".", prefix, yield) }
}

// walk yields the files in a folder and its folders. It tells whether to go on.
func (d *directory) walk(ctx context.Context, folder, prefix string, yield func(Info, error) bool) bool {
	entries, err := d.read(folder)
	if err != nil {
		return yield(Info{}, err)
	}
	for _, e := range entries {
		key := keyOf(folder, e)
		switch {
		case ctx.Err() != nil:
			return false
		case !isSegment(e.Name()):
		case e.IsDir() && (strings.HasPrefix(key, prefix) || strings.HasPrefix(prefix, key)):
			if !d.walk(ctx, path.Join(folder, e.Name()), prefix, yield) {
				return false
			}
		case e.Type().IsRegular() && strings.HasPrefix(key, prefix):
			info, err := e.Info()
			if errors.Is(err, fs.ErrNotExist) {
				continue // deleted meanwhile
			}
			if err != nil {
				return yield(Info{}, err)
			}
			if !yield(Info{Name(key), info.Size()}, nil) {
				return false
			}
		}
	}
	return true
}

// read gives what is in a folder, in the order of the names that begin so.
func (d *directory) read(folder string) ([]fs.DirEntry, error) {
	f, err := d.root.Open(folder)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	entries, err := f.ReadDir(-1)
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(keyOf(".", a), keyOf(".", b)) })
	return entries, err
}

// keyOf is how names begin that lead to the entry: a folder's ends with a slash, and comes after a hyphen.
func keyOf(folder string, e fs.DirEntry) string {
	key := path.Join(folder, e.Name())
	if e.IsDir() {
		key += "/"
	}
	return key
}

// isMissing tells that nothing has the name.
func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) || isNotFolder(err) }

// isNotFolder tells that a part of the path is a file.
func isNotFolder(err error) bool {
	return errors.Is(err, syscall.ENOTDIR) || err != nil && strings.Contains(fmt.Sprint(err), "not a directory")
}
