// Package blob keeps files: in a directory by default, in an S3 bucket by URL.
//
// A file is written once under a name and never changed. Names are drawn at random or given by the caller; they
// are not the hash of the content, because a bare hash would let anyone test whether a file is here.
//
// A file is there whole or not at all: after Put has returned, the content and its name have reached the disk;
// after a failure, a cancelled context or a power cut nothing is left that List or Get would show.
package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"rostrum.example/internal/store"
)

// Errors that a caller can act on.
var (
	// ErrName: the text is not a name of a file.
	ErrName = errors.New("this is not the name of a file")
	// ErrExists: a file of this name exists; it was not touched.
	ErrExists = errors.New("a file of this name exists already")
	// ErrNotFound: there is no file of this name.
	ErrNotFound = errors.New("there is no file of this name")
	// ErrTooLarge: the content has more bytes than Limit allows.
	ErrTooLarge = errors.New("the file is too large")
	// ErrFull: the disk or the quota is full; nothing of the file was kept.
	ErrFull = errors.New("there is no room left for files")
)

// Store is one place where files are kept. Its methods may be called from any goroutine.
type Store struct {
	backend backend
	random  io.Reader
	where   string // for messages, without secrets
}

// backend is one kind of place. The names that it is given are valid; those that it lists need not be.
//
// put writes all of r or nothing, and never over a file: ErrExists. get and delete: ErrNotFound. list is in the
// order of the names, and may end early when the context does.
type backend interface {
	put(ctx context.Context, name Name, r io.Reader) (int64, error)
	get(ctx context.Context, name Name) (*File, error)
	delete(ctx context.Context, name Name) error
	list(ctx context.Context, prefix string) iter.Seq2[Info, error]
	close() error
}

// Open opens the files at where: a directory, which is made if it is missing, or a URL
// s3://BUCKET?region=REGION, with endpoint=https://… for other makers of S3, whose bucket is part of the path unless
// use_path_style=false. Secrets come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or from the
// role that the cloud gives to this machine. Neither a wrong bucket nor a wrong secret shows before the first use.
// Names are drawn from random.
func Open(_ context.Context, where string, random io.Reader) (*Store, error) {
	s := &Store{random: random, where: where}
	scheme, _, isURL := strings.Cut(where, "://")
	var err error
	switch {
	case where == "":
		return nil, errors.New("opening the files: no directory and no URL is given")
	case !isURL:
		s.backend, err = openDirectory(where, random)
	case scheme == "s3":
		s.where, s.backend, err = openBucket(where)
	default:
		return nil, fmt.Errorf("opening the files: %s:// is not known; give a directory or s3://BUCKET", scheme)
	}
	if err != nil {
		return nil, fmt.Errorf("opening the files: %w", err)
	}
	return s, nil
}

// Close closes the store. No other method may be called after it.
func (s *Store) Close() error { return s.backend.close() }

// String names the place, without secrets.
func (s *Store) String() string { return s.where }

// Put writes what r gives under a random name, and tells the name and the size in bytes. It holds no more than
// a buffer in memory. An error of r comes back wrapped.
func (s *Store) Put(ctx context.Context, r io.Reader) (Name, int64, error) {
	id, err := store.NewID(s.random)
	if err != nil {
		return "", 0, fmt.Errorf("writing a file: %w", err)
	}
	size, err := s.PutAs(ctx, Name(id), r)
	if err != nil {
		return "", 0, err
	}
	return Name(id), size, nil
}

// PutAs writes what r gives under a name that the caller chose. ErrExists: a file of this name exists.
func (s *Store) PutAs(ctx context.Context, name Name, r io.Reader) (int64, error) {
	if err := check(name); err != nil {
		return 0, fmt.Errorf("writing a file: %w", err)
	}
	size, err := s.backend.put(ctx, name, &contextReader{ctx, r})
	if err != nil {
		return 0, fmt.Errorf("writing the file %s: %w", name, s.classify(err))
	}
	return size, nil
}

func check(name Name) error {
	_, err := ParseName(string(name))
	return err
}

// contextReader ends when the context does, so that a long copy does.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, context.Cause(c.ctx)
	}
	n, err := c.r.Read(p)
	if err == io.EOF && c.ctx.Err() != nil { // an end by chance at the same moment is no whole file
		err = context.Cause(c.ctx)
	}
	return n, err
}

// File is an open file. It can be read and sought, as http.ServeContent does.
type File struct {
	io.ReadSeekCloser
	// Size is in bytes.
	Size int64
}

// Get opens a file. ErrNotFound: there is none of this name. The context must live as long as the file is read.
func (s *Store) Get(ctx context.Context, name Name) (*File, error) {
	if err := check(name); err != nil {
		return nil, fmt.Errorf("reading a file: %w", err)
	}
	f, err := s.backend.get(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("reading the file %s: %w", name, s.classify(err))
	}
	return f, nil
}

// Delete removes a file for good. ErrNotFound: there is none of this name.
func (s *Store) Delete(ctx context.Context, name Name) error {
	if err := check(name); err != nil {
		return fmt.Errorf("deleting a file: %w", err)
	}
	if err := s.backend.delete(ctx, name); err != nil {
		return fmt.Errorf("deleting the file %s: %w", name, s.classify(err))
	}
	return nil
}

// Info is one file in a list.
type Info struct {
	Name Name
	Size int64 // in bytes
}

// List gives the files whose names begin with prefix, in the order of their names; "" gives all.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		for info, err := range s.backend.list(ctx, prefix) {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(Info{}, fmt.Errorf("listing the files: %w", s.classify(err)))
				return
			}
			if _, err := ParseName(string(info.Name)); err != nil {
				continue // not of our making: an unfinished file, or a stranger's
			}
			if !yield(info, nil) {
				return
			}
		}
		if err := ctx.Err(); err != nil { // a part is not the list
			yield(Info{}, fmt.Errorf("listing the files: %w", err))
		}
	}
}

// classify says where room is wanted, and what to do.
func (s *Store) classify(err error) error {
	if isFull(err) || isBucketFull(err) {
		return fmt.Errorf("%w in %s; free some, or give the files another place: %w", ErrFull, s.where, err)
	}
	return err
}

// Limit gives what r gives, and ErrTooLarge in place of the byte after the first n.
func Limit(r io.Reader, n int64) io.Reader { return &limited{r, n} }

type limited struct {
	r    io.Reader
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left < 0 {
		return 0, ErrTooLarge
	}
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return n - 1, ErrTooLarge
	}
	return n, err
}
