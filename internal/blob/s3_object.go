package blob

import (
	"errors"
	"io"
)

// object reads an object, and begins anew where a reader has sought to.
type object struct {
	begin  func(at int64) (body io.ReadCloser, left int64, err error)
	size   int64
	at     int64         // where the reader is
	body   io.ReadCloser // what comes from bodyAt on; nil after a failure to begin
	bodyAt int64
}

func (o *object) Read(p []byte) (int, error) {
	if o.at >= o.size {
		return 0, io.EOF
	}
	if o.body == nil || o.bodyAt != o.at {
		if err := o.move(); err != nil {
			return 0, err
		}
	}
	n, err := o.body.Read(p)
	o.at += int64(n)
	o.bodyAt = o.at
	return n, err
}

func (o *object) move() error {
	o.Close()
	body, left, err := o.begin(o.at)
	if err != nil {
		return err
	}
	if left != o.size-o.at {
		body.Close()
		return errors.New("the server does not give the rest of the file")
	}
	o.body, o.bodyAt = body, o.at
	return nil
}

func (o *object) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += o.at
	case io.SeekEnd:
		offset += o.size
	}
	if offset < 0 {
		return 0, errors.New("seeking before the beginning of the file")
	}
	o.at = offset
	return offset, nil
}

func (o *object) Close() error {
	if o.body == nil {
		return nil
	}
	body := o.body
	o.body = nil
	return body.Close()
}
