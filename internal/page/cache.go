package page

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// cacheBytes bounds what the cache holds; when it is full it starts anew, which costs one rendering a page.
const cacheBytes = 8 << 20

// cacheFor is how long an answer is given again while nothing was written by this program: another program
// may write to the same database.
const cacheFor = time.Second

// cache keeps the answers to anonymous readers while the database stands still. However many ask for a page
// at once, it is made once.
type cache struct {
	clock   func() time.Time
	changes func() uint64

	mu    sync.Mutex
	size  int
	pages map[string]*cached
}

type cached struct {
	ready  chan struct{} // closed when the fields below are set
	until  time.Time
	change uint64
	status int
	header http.Header
	plain  []byte
	gzip   []byte
	etag   string
}

func newCache(clock func() time.Time, changes func() uint64) *cache {
	return &cache{clock: clock, changes: changes, pages: map[string]*cached{}}
}

func (c *cache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pages, c.size = map[string]*cached{}, 0
}

func (c *cache) serve(w http.ResponseWriter, r *http.Request, key string, build func(http.ResponseWriter)) {
	now, change := c.clock(), c.changes()
	c.mu.Lock()
	page, found := c.pages[key]
	if found {
		select {
		case <-page.ready:
			age := page.until.Sub(now)
			found = page.change == change && age > 0 && age <= cacheFor // a clock that jumps back ends it too
		default: // being made right now
		}
	}
	if !found {
		page = &cached{ready: make(chan struct{}), change: change}
		if c.size > cacheBytes {
			c.pages, c.size = map[string]*cached{}, 0
		}
		c.pages[key] = page
	}
	c.mu.Unlock()
	if !found {
		c.fill(page, r, key, now, build)
	}
	<-page.ready
	page.write(w, r)
}

func (c *cache) fill(page *cached, r *http.Request, key string, now time.Time, build func(http.ResponseWriter)) {
	rec := &recorder{header: http.Header{}, status: http.StatusOK}
	defer func() {
		page.status, page.header, page.plain = rec.status, rec.header, rec.body.Bytes()
		if page.plain == nil || rec.status >= 500 { // a failure is not kept
			page.until = time.Time{}
		} else {
			page.until = now.Add(cacheFor)
		}
		page.gzip = compress(page.plain)
		sum := sha256.Sum256(page.plain)
		page.etag = `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
		close(page.ready)
		c.mu.Lock()
		c.size += len(page.plain) + len(page.gzip) + len(key)
		c.mu.Unlock()
	}()
	rec.status = http.StatusInternalServerError // what stands if build panics
	rec.unset = true
	build(rec)
	if rec.unset {
		rec.status = http.StatusOK
	}
}

func (p *cached) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	for name, values := range p.header {
		h[name] = append(h[name], values...)
	}
	h.Add("Vary", "Accept-Encoding")
	if p.status == http.StatusOK {
		h.Set("ETag", p.etag)
		if r.Header.Get("If-None-Match") == p.etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	body := p.plain
	if acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		body = p.gzip
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(p.status)
	w.Write(body)
}

// recorder takes an answer so that it can be given again.
type recorder struct {
	header http.Header
	status int
	unset  bool
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.unset {
		r.status, r.unset = status, false
	}
}

func (r *recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}
