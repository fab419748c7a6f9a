package blob

import (
	"bufio"
	"bytes"
	"crypto/md5"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// bucket is a small server of one S3 bucket: objects, conditional writes, uploads in parts, lists.
type bucket struct {
	mu      sync.Mutex
	objects map[string][]byte
	uploads map[string]map[int][]byte
	full    bool
}

func newBucket(t testing.TB) (*bucket, string) {
	b := &bucket{objects: map[string][]byte{}, uploads: map[string]map[int][]byte{}}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	return b, "s3://files?region=test-1&use_path_style=true&endpoint=" + server.URL
}

func (b *bucket) names() (all []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for name := range b.objects {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/files"), "/")
	q := r.URL.Query()
	body, err := content(r)
	if err != nil {
		return // the sender went away
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	object, exists := b.objects[name]
	conflict := exists && r.Header.Get("If-None-Match") == "*"
	fail := func(status int, code string) {
		w.WriteHeader(status)
		fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", code, code)
	}
	w.Header().Set("Content-Type", "application/xml")
	switch {
	case !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=access/"):
		fail(403, "AccessDenied")
	case b.full && r.Method != "GET" && r.Method != "DELETE":
		fail(507, "InsufficientStorage")
	case r.Method == "POST" && q.Has("uploads"):
		id := "upload" + strconv.Itoa(len(b.uploads))
		b.uploads[id] = map[int][]byte{}
		fmt.Fprintf(w, "<InitiateMultipartUploadResult><Bucket>files</Bucket><Key>%s</Key><UploadId>%s</UploadId></InitiateMultipartUploadResult>", name, id)
	case r.Method == "PUT" && q.Has("partNumber"):
		n, _ := strconv.Atoi(q.Get("partNumber"))
		b.uploads[q.Get("uploadId")][n] = body
		w.Header().Set("ETag", fmt.Sprintf(`"%x"`, md5.Sum(body)))
	case r.Method == "POST" && q.Has("uploadId") && conflict, r.Method == "PUT" && conflict:
		fail(412, "PreconditionFailed")
	case r.Method == "POST" && q.Has("uploadId"):
		var all []byte
		parts := b.uploads[q.Get("uploadId")]
		for n := 1; n <= len(parts); n++ {
			all = append(all, parts[n]...)
		}
		delete(b.uploads, q.Get("uploadId"))
		b.objects[name] = all
		fmt.Fprint(w, "<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>")
	case r.Method == "DELETE" && q.Has("uploadId"):
		delete(b.uploads, q.Get("uploadId"))
		w.WriteHeader(204)
	case r.Method == "PUT":
		b.objects[name] = body
		w.Header().Set("ETag", fmt.Sprintf(`"%x"`, md5.Sum(body)))
	case r.Method == "DELETE":
		delete(b.objects, name)
		w.WriteHeader(204)
	case name == "":
		b.list(w, q.Get("prefix"))
	case !exists:
		fail(404, "NoSuchKey")
	default:
		w.Header().Set("ETag", `"x"`)
		w.Header().Set("Last-Modified", "Wed, 01 Jul 2026 09:00:00 GMT")
		w.Header().Set("Content-Type", "application/octet-stream")
		http.ServeContent(w, r, "", time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC), bytes.NewReader(object))
	}
}

func (b *bucket) list(w io.Writer, prefix string) {
	type object struct {
		Key          string
		Size         int
		LastModified string
	}
	var result struct {
		XMLName  xml.Name `xml:"ListBucketResult"`
		Contents []object
	}
	var names []string
	for name := range b.objects {
		if strings.HasPrefix(name, prefix) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		result.Contents = append(result.Contents, object{name, len(b.objects[name]), "2026-07-01T09:00:00Z"})
	}
	xml.NewEncoder(w).Encode(result)
}

// content reads a request's body, which may come in aws-chunked form.
func content(r *http.Request) ([]byte, error) {
	if !strings.Contains(r.Header.Get("Content-Encoding"), "aws-chunked") && !strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		return io.ReadAll(r.Body)
	}
	in := bufio.NewReader(r.Body)
	var all []byte
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		hex, _, _ := strings.Cut(strings.TrimSpace(line), ";")
		n, err := strconv.ParseInt(hex, 16, 64)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			io.Copy(io.Discard, in)
			return all, nil
		}
		chunk := make([]byte, n+2)
		if _, err := io.ReadFull(in, chunk); err != nil {
			return nil, err
		}
		all = append(all, chunk[:n]...)
	}
}
