package blob

import (
	"bytes"
	"cmp"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// partSize is the smallest part that S3 takes. S3 takes 10,000 of them, so a file has 50 GB at most.
const partSize = 5 << 20

// s3Bucket keeps files in a bucket. It speaks the library's lower level, because the upper one does not ask
// whether the name is taken when it completes an upload in parts.
type s3Bucket struct {
	s3        *minio.Core
	name      string
	transport *http.Transport
}

// openBucket opens a bucket by its URL.
func openBucket(where string) (shown string, b *s3Bucket, err error) {
	u, err := url.Parse(where)
	if err != nil || u.Host == "" || u.User != nil || u.Path != "" && u.Path != "/" {
		return "", nil, errors.New("the URL is not s3://BUCKET?region=REGION; secrets belong into the environment")
	}
	q := u.Query()
	for setting := range q {
		if setting != "region" && setting != "endpoint" && setting != "use_path_style" {
			return "", nil, fmt.Errorf("the setting %q is not known; region, endpoint and use_path_style are", setting)
		}
	}
	endpoint, err := url.Parse(cmp.Or(q.Get("endpoint"), "https://s3.amazonaws.com"))
	if err != nil || endpoint.Host == "" || endpoint.User != nil || endpoint.Scheme != "https" && endpoint.Scheme != "http" {
		return "", nil, errors.New("the endpoint is not an address such as https://s3.example.org; secrets belong into the environment")
	}
	options := &minio.Options{
		Creds:      credentials.New(newSecrets()),
		Secure:     endpoint.Scheme == "https",
		Region:     cmp.Or(q.Get("region"), os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION")),
		MaxRetries: 3,
	}
	if style := q.Get("use_path_style"); style != "" {
		path, err := strconv.ParseBool(style)
		if err != nil {
			return "", nil, errors.New("use_path_style is neither true nor false")
		}
		options.BucketLookup = minio.BucketLookupDNS
		if path {
			options.BucketLookup = minio.BucketLookupPath
		}
	}
	b = &s3Bucket{name: u.Host}
	if b.transport, err = minio.DefaultTransport(options.Secure); err != nil {
		return "", nil, err
	}
	options.Transport = b.transport
	if b.s3, err = minio.NewCore(endpoint.String(), options); err != nil {
		return "", nil, err
	}
	return "s3://" + u.Host, b, nil
}

func (b *s3Bucket) close() error {
	b.transport.CloseIdleConnections()
	return nil
}

// secrets come from the environment, or else from the role that the cloud gives to this machine.
type secrets struct{ credentials.Provider }

func newSecrets() secrets {
	if os.Getenv("AWS_ACCESS_KEY_ID") != "" && os.Getenv("AWS_SECRET_ACCESS_KEY") != "" {
		return secrets{&credentials.EnvAWS{}}
	}
	return secrets{&credentials.IAM{Client: &http.Client{Timeout: 10 * time.Second}}}
}

func (s secrets) RetrieveWithCredContext(c *credentials.CredContext) (credentials.Value, error) {
	v, err := s.Provider.RetrieveWithCredContext(c)
	if err != nil {
		err = fmt.Errorf("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set, and this machine has no role: %w", err)
	}
	return v, err
}

// put sends a small file at once and a large one in parts, each of which is held in memory while it is sent.
func (b *s3Bucket) put(ctx context.Context, name Name, r io.Reader) (int64, error) {
	var part bytes.Buffer
	if _, err := io.CopyN(&part, r, partSize); err == nil {
		return b.putParts(ctx, name, &part, r)
	} else if err != io.EOF {
		return 0, err
	}
	size := int64(part.Len())
	md5, sha := sums(part.Bytes())
	_, err := b.s3.PutObject(ctx, b.name, string(name), bytes.NewReader(part.Bytes()), size, md5, sha, once())
	return size, refine(err)
}

// putParts sends part and then what r gives. The object is there when all parts are.
func (b *s3Bucket) putParts(ctx context.Context, name Name, part *bytes.Buffer, r io.Reader) (size int64, err error) {
	id, err := b.s3.NewMultipartUpload(ctx, b.name, string(name), minio.PutObjectOptions{})
	if err != nil {
		return 0, refine(err)
	}
	defer func() {
		if err != nil { // the parts would go on taking room
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
			defer cancel()
			b.s3.AbortMultipartUpload(ctx, b.name, string(name), id)
		}
	}()
	var parts []minio.CompletePart
	for part.Len() > 0 {
		n := int64(part.Len())
		md5, sha := sums(part.Bytes())
		sent, err := b.s3.PutObjectPart(ctx, b.name, string(name), id, len(parts)+1, bytes.NewReader(part.Bytes()), n,
			minio.PutObjectPartOptions{Md5Base64: md5, Sha256Hex: sha, DisableContentSha256: true})
		if err != nil {
			return 0, refine(err)
		}
		parts = append(parts, minio.CompletePart{PartNumber: sent.PartNumber, ETag: sent.ETag})
		size += n
		part.Reset()
		if _, err := io.CopyN(part, r, partSize); err != nil && err != io.EOF {
			return 0, err
		}
	}
	_, err = b.s3.CompleteMultipartUpload(ctx, b.name, string(name), id, parts, once())
	return size, refine(err)
}

// once lets the server refuse a name that is taken.
func once() (o minio.PutObjectOptions) {
	o.SetMatchETagExcept("*")
	o.DisableContentSha256 = true // of chunks: the whole has one, which every maker of S3 knows
	return o
}

// sums are what a server checks: the first where a bucket locks its objects, the second as part of the signature.
func sums(p []byte) (md5Base64, sha256Hex string) {
	m, s := md5.Sum(p), sha256.Sum256(p)
	return base64.StdEncoding.EncodeToString(m[:]), hex.EncodeToString(s[:])
}

func (b *s3Bucket) get(ctx context.Context, name Name) (*File, error) {
	o := &object{begin: func(at int64) (io.ReadCloser, int64, error) {
		var opts minio.GetObjectOptions
		if at > 0 {
			if err := opts.SetRange(at, 0); err != nil {
				return nil, 0, err
			}
		}
		body, info, _, err := b.s3.GetObject(ctx, b.name, string(name), opts)
		return body, info.Size, refine(err)
	}}
	var err error
	if o.body, o.size, err = o.begin(0); err != nil {
		return nil, err
	}
	if o.size < 0 {
		o.body.Close()
		return nil, errors.New("the server does not tell the size of a file")
	}
	return &File{o, o.size}, nil
}

func (b *s3Bucket) delete(ctx context.Context, name Name) error {
	// S3 does not tell whether there was anything to delete.
	if _, err := b.s3.StatObject(ctx, b.name, string(name), minio.StatObjectOptions{}); err != nil {
		return refine(err)
	}
	return b.s3.RemoveObject(ctx, b.name, string(name), minio.RemoveObjectOptions{})
}

func (b *s3Bucket) list(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		for o := range b.s3.ListObjectsIter(ctx, b.name, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
			if !yield(Info{Name(o.Key), o.Size}, o.Err) {
				return
			}
		}
	}
}

// refine joins an error of the server with the error of this package that a caller can act on.
func refine(err error) error {
	var response minio.ErrorResponse
	errors.As(err, &response)
	switch response.Code {
	case minio.NoSuchKey:
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	case minio.PreconditionFailed:
		return fmt.Errorf("%w: %w", ErrExists, err)
	}
	return err
}

// isBucketFull tells whether a server had no room.
func isBucketFull(err error) bool {
	var response minio.ErrorResponse
	return errors.As(err, &response) && (response.StatusCode == http.StatusInsufficientStorage || response.Code == "QuotaExceeded")
}
