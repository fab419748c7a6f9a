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

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

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
	random io.Reader
	where  string // for messages, without secrets
	bucket *blob.Bucket
	dir    *directory // nil unless the files stand in a directory
}

// Open opens the files at where: a directory, which is made if it is missing, or a URL
// s3://BUCKET?region=REGION, with endpoint=… for other makers of S3. Secrets come from the environment, as every
// S3 tool reads them. Neither a wrong bucket nor a wrong secret shows before the first use. Names are drawn from
// random.
func Open(ctx context.Context, where string, random io.Reader) (*Store, error) {
	s := &Store{random: random, where: where}
	scheme, _, isURL := strings.Cut(where, "://")
	var err error
	switch {
	case where == "":
		return nil, errors.New("opening the files: no directory and no URL is given")
	case !isURL:
		s.dir, s.bucket, err = openDirectory(where, random)
	case scheme == s3Scheme:
		s.where, s.bucket, err = openS3(ctx, where)
	default:
		return nil, fmt.Errorf("opening the files: %s:// is not known; give a directory or s3://BUCKET", scheme)
	}
	if err != nil {
		return nil, fmt.Errorf("opening the files: %w", err)
	}
	return s, nil
}

// Close closes the store. No other method may be called after it.
func (s *Store) Close() error {
	var errs []error
	if s.dir != nil {
		errs = append(errs, s.dir.close())
	}
	return errors.Join(append(errs, s.bucket.Close())...)
}

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
	var size int64
	var err error
	if s.dir != nil {
		size, err = s.dir.put(ctx, name, r)
	} else {
		size, err = s.upload(ctx, name, r)
	}
	if err != nil {
		return 0, fmt.Errorf("writing the file %s: %w", name, s.classify(err))
	}
	return size, nil
}

func check(name Name) error {
	_, err := ParseName(string(name))
	return err
}

// upload writes to a bucket, which makes the object visible when all of it is there. Parts are as small as S3
// allows and few at a time: an upload costs about 15 MB of memory.
func (s *Store) upload(ctx context.Context, name Name, r io.Reader) (int64, error) {
	in := &countingReader{r: &contextReader{ctx, r}}
	err := s.bucket.Upload(ctx, string(name), in, &blob.WriterOptions{
		ContentType: "application/octet-stream", IfNotExist: true, BufferSize: 5 << 20, MaxConcurrency: 2,
	})
	switch {
	case in.err != nil:
		return 0, in.err // the library's error may not wrap it
	case err != nil:
		return 0, err
	}
	return in.n, nil
}

type countingReader struct {
	r   io.Reader
	n   int64
	err error // other than io.EOF
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
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
	r, err := s.bucket.NewReader(ctx, string(name), nil)
	if err != nil {
		return nil, fmt.Errorf("reading the file %s: %w", name, s.classify(err))
	}
	return &File{r, r.Size()}, nil
}

// Delete removes a file for good. ErrNotFound: there is none of this name.
func (s *Store) Delete(ctx context.Context, name Name) error {
	err := check(name)
	switch {
	case err != nil:
		return fmt.Errorf("deleting a file: %w", err)
	case s.dir != nil:
		err = s.dir.delete(name)
	default:
		// S3 does not tell whether there was anything to delete.
		if _, err = s.bucket.Attributes(ctx, string(name)); err == nil {
			err = s.bucket.Delete(ctx, string(name))
		}
	}
	if err != nil {
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
		all := s.bucket.List(&blob.ListOptions{Prefix: prefix})
		for {
			object, err := all.Next(ctx)
			if err == nil {
				err = ctx.Err() // the driver for directories does not look
			}
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(Info{}, fmt.Errorf("listing the files: %w", s.classify(err)))
				return
			}
			name, err := ParseName(object.Key)
			if err != nil {
				continue // not of our making: an unfinished file, or a stranger's
			}
			if !yield(Info{name, object.Size}, nil) {
				return
			}
		}
	}
}

// classify joins an error of the file system or the cloud with the error of this package that a caller can act on.
func (s *Store) classify(err error) error {
	for _, known := range []error{ErrExists, ErrNotFound, ErrTooLarge, ErrFull} {
		if errors.Is(err, known) {
			return err
		}
	}
	switch {
	case isFull(err):
		return fmt.Errorf("%w in %s; free some, or give the files another place: %w", ErrFull, s.where, err)
	case gcerrors.Code(err) == gcerrors.NotFound, isNotFolder(err):
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	case gcerrors.Code(err) == gcerrors.FailedPrecondition:
		return fmt.Errorf("%w: %w", ErrExists, err)
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
