package live

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

const (
	topic      = "floor"
	view  View = "en.public"
)

// bed is a server with a hub, reached by pipes, so that it runs on the test's clock.
type bed struct {
	*testing.T
	hub    *Hub
	server *http.Server
	pipes  chan net.Conn
}

// newBed starts a server inside a synctest bubble, with timeouts that would end every stream.
func newBed(t *testing.T, o Options) *bed {
	t.Helper()
	o.Random = rand.Reader
	hub, err := NewHub(o)
	if err != nil {
		t.Fatal(err)
	}
	b := &bed{T: t, hub: hub, pipes: make(chan net.Conn)}
	mux := http.NewServeMux()
	mux.HandleFunc("/{view}/live", func(w http.ResponseWriter, r *http.Request) { hub.Serve(w, r, topic, View(r.PathValue("view"))) })
	b.server = &http.Server{Handler: mux, ReadTimeout: 2 * time.Second, WriteTimeout: 2 * time.Second}
	go b.server.Serve(pipeListener{b.pipes, make(chan bool)})
	t.Cleanup(func() {
		hub.Close()
		b.server.Close()
		synctest.Wait()
	})
	return b
}

type pipeListener struct {
	pipes  chan net.Conn
	closed chan bool
}

func (l pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.pipes:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}
func (l pipeListener) Close() error { close(l.closed); return nil }
func (pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }

// page is an open page. What it has read so far is in text.
type page struct {
	conn     net.Conn
	response *http.Response
	mu       sync.Mutex
	text     strings.Builder
	ended    bool
}

// request opens a connection without reading from it.
func (b *bed) request(header string, view View, query string) (net.Conn, *bufio.Reader) {
	client, server := net.Pipe()
	b.pipes <- server
	fmt.Fprintf(client, "GET /%s/live%s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", view, query, header)
	return client, bufio.NewReader(client)
}

// open opens a page that reads all it gets.
func (b *bed) open(header string, view View, query string) *page {
	b.Helper()
	conn, in := b.request(header, view, query)
	p := &page{conn: conn}
	var err error
	if p.response, err = http.ReadResponse(in, nil); err != nil {
		b.Fatal(err)
	}
	go func() {
		buf := make([]byte, 1024)
		for {
			n, err := p.response.Body.Read(buf)
			p.mu.Lock()
			p.text.Write(buf[:n])
			p.ended = err != nil
			p.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	synctest.Wait()
	return p
}

func (p *page) read() string {
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

func (p *page) over() bool {
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ended
}

// events are the events a page got, as "name id data".
func (p *page) events() string {
	var all []string
	for _, m := range parse(p.read()) {
		all = append(all, m.event+" "+m.id+" "+m.data)
	}
	return strings.Join(all, ", ")
}

func (b *bed) publish(ids ...int) {
	b.Helper()
	for _, id := range ids {
		if err := b.hub.Publish(topic, view, "floor", strconv.Itoa(id), []byte("d")); err != nil {
			b.Fatal(err)
		}
	}
	synctest.Wait()
}

func TestEventsReachTheirView(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, Options{})
		here, also, other := b.open("", view, ""), b.open("", view, ""), b.open("", "ar.public", "")
		h := here.response.Header
		if here.response.StatusCode != 200 || h.Get("Content-Type") != "text/event-stream" || h.Get("Cache-Control") != "no-store" || h.Get("X-Accel-Buffering") != "no" {
			t.Errorf("%s with %v", here.response.Status, h)
		}
		data := []byte("one\ntwo")
		if err := b.hub.Publish(topic, view, "floor", "1", data); err != nil {
			t.Fatal(err)
		}
		copy(data, "xxx") // the hub has its own
		b.publish(2)
		for _, p := range []*page{here, also} {
			if got := p.events(); got != "floor 1 one\ntwo, floor 2 d" {
				t.Errorf("got %q", got)
			}
		}
		if got := other.events(); got != "" {
			t.Errorf("another view got %q", got)
		}
		if s := b.hub.Stats(); s.Listeners != 3 || s.Events != 2 {
			t.Errorf("stats %+v", s)
		}
		here.conn.Close()
		synctest.Wait()
		if s := b.hub.Stats(); s.Listeners != 2 {
			t.Errorf("stats after one has left %+v", s)
		}
		b.publish(3)
		if got := also.events(); !strings.HasSuffix(got, "floor 3 d") {
			t.Errorf("got %q", got)
		}
		for _, bad := range []error{
			b.hub.Publish("", view, "floor", "1", nil), b.hub.Publish(topic, "", "floor", "1", nil),
			b.hub.Publish(topic, view, "a\nb", "1", nil), b.hub.Publish(topic, view, "a", "1\n", nil),
		} {
			if bad == nil {
				t.Error("an event without a name or with a line end in it was taken")
			}
		}
	})
}

func TestReconnectionIsSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, Options{})
		seen := map[int]bool{}
		for range 40 {
			p := b.open("", view, "")
			var ms int
			if _, err := fmt.Sscanf(p.read(), "retry: %d\n\n", &ms); err != nil || ms < 2000 || ms >= 12000 {
				t.Errorf("begins with %q", p.read())
			}
			seen[ms] = true
		}
		if len(seen) < 30 {
			t.Errorf("%d different pauses for 40 pages", len(seen))
		}
	})
}

func TestWhatWasMissed(t *testing.T) {
	const none, header, query = "", "header", "query"
	tests := []struct {
		name  string
		how   string
		last  string
		want  string
		setup func(b *bed)
	}{
		{"a new page begins now", none, "", "floor 99 d", nil},
		{"nothing missed", header, "5", "floor 99 d", nil},
		{"two missed", header, "3", "floor 4 d, floor 5 d, floor 99 d", nil},
		{"two missed, said by the page", query, "3", "floor 4 d, floor 5 d, floor 99 d", nil},
		{"the oldest that is kept", header, "2", "floor 3 d, floor 4 d, floor 5 d, floor 99 d", nil},
		{"no longer kept", header, "1", "reload 5 reload, floor 99 d", nil},
		{"never heard of", header, "x\xff y", "reload 5 reload, floor 99 d", nil},
		{"the number of another start", header, "abc.0", "reload 5 reload, floor 99 d", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBed(t, Options{Ring: 4})
				b.publish(1, 2, 3, 4, 5)
				if got := b.hub.Last(topic, view); got != "5" {
					t.Errorf("last is %q", got)
				}
				var p *page
				switch test.how {
				case header:
					p = b.open("Last-Event-ID: "+test.last+"\r\n", view, "")
				case query:
					p = b.open("", view, "?last="+test.last)
				default:
					p = b.open("", view, "")
				}
				b.publish(99)
				if got := p.events(); got != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}
			})
		})
	}
}

func TestNothingFallsBetweenPageAndConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, Options{Ring: 2})
		rendered := b.hub.Last(topic, view) // before any event
		b.publish(1, 2)
		if got := b.open("", view, "?last="+rendered).events(); got != "floor 1 d, floor 2 d" {
			t.Errorf("got %q", got)
		}
		b.publish(3)
		if got := b.open("", view, "?last="+rendered).events(); got != "reload 3 reload" {
			t.Errorf("the ring no longer reaches back: got %q", got)
		}
		// The id of a reload is one to go on from.
		p := b.open("", view, "?last=3")
		if b.publish(4); p.events() != "floor 4 d" {
			t.Errorf("got %q", p.events())
		}

		before := b.hub.Last("other", view)
		p = b.open("", "other", "?last=nonsense")
		if got := p.events(); !strings.HasPrefix(got, "reload ") {
			t.Errorf("a topic without events answers a strange id with %q", got)
		}
		if before != rendered {
			t.Errorf("the start is %q, then %q", rendered, before)
		}
	})
}

func TestOldRingsGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, Options{})
		start := b.hub.Last(topic, view)
		b.publish(1)
		time.Sleep(idleBeats*heartbeat - time.Second)
		if got := b.hub.Last(topic, view); got != "1" {
			t.Errorf("last is %q while the ring is young", got)
		}
		p := b.open("", view, "")
		time.Sleep(2 * idleBeats * heartbeat) // listened to
		if got := b.hub.Last(topic, view); got != "1" {
			t.Errorf("last is %q while somebody listens", got)
		}
		p.conn.Close()
		time.Sleep((idleBeats + 1) * heartbeat)
		synctest.Wait()
		if n := len(b.hub.streams); n != 0 {
			t.Errorf("%d rings are left", n)
		}
		for _, last := range []string{start, "1"} { // neither stands for "nothing missed" any more
			if got := b.open("", view, "?last="+last).events(); !strings.HasPrefix(got, "reload ") {
				t.Errorf("after the ring went, %q gives %q", last, got)
			}
		}
	})
}

func TestSlowListenerIsClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, Options{})
		quick := b.open("", view, "")
		conn, in := b.request("", view, "")
		if _, err := http.ReadResponse(in, nil); err != nil { // and nothing after that
			t.Fatal(err)
		}
		synctest.Wait()
		for i := range 1 + buffer { // one is being written, eight wait
			b.publish(i)
		}
		if s := b.hub.Stats(); s.Listeners != 2 || s.Slow != 0 {
			t.Fatalf("before the buffer is full: %+v", s)
		}
		b.publish(100)
		if s := b.hub.Stats(); s.Listeners != 1 || s.Slow != 1 {
			t.Errorf("after: %+v", s)
		}
		if n := strings.Count(quick.events(), "floor"); n != 2+buffer {
			t.Errorf("the quick page got %d events", n)
		}
		// What waited is still delivered, in order, and then the connection ends: the page can go on from there.
		rest, _ := io.ReadAll(in)
		if !strings.Contains(string(rest), "id: 8\n") || strings.Contains(string(rest), "id: 100\n") || !strings.HasSuffix(string(rest), "0\r\n\r\n") {
			t.Errorf("the slow page ends with %q", rest)
		}
		conn.Close()
		again := b.open("Last-Event-ID: 8\r\n", view, "")
		if got := again.events(); got != "floor 100 d" {
			t.Errorf("after reconnecting: %q", got)
		}
	})
}

func TestStalledWriteIsCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, Options{})
		_, in := b.request("", view, "")
		if _, err := http.ReadResponse(in, nil); err != nil {
			t.Fatal(err)
		}
		b.publish(1, 2)
		time.Sleep(patience - time.Millisecond)
		if s := b.hub.Stats(); s.Listeners != 1 {
			t.Errorf("before its time: %+v", s)
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if s := b.hub.Stats(); s.Listeners != 0 {
			t.Errorf("after its time: %+v", s)
		}
	})
}

// TestStreamsOutliveTheServersTimeouts holds a quiet stream for an hour: heartbeats come, and an event at the end.
func TestStreamsOutliveTheServersTimeouts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, Options{})
		p := b.open("", view, "")
		time.Sleep(heartbeat - time.Second)
		if strings.Contains(p.read(), ":\n\n") {
			t.Error("a heartbeat too early")
		}
		time.Sleep(time.Hour - heartbeat + 2*time.Second)
		if got := strings.Count(p.read(), ":\n\n"); got != int(time.Hour/heartbeat) {
			t.Errorf("%d heartbeats in an hour", got)
		}
		b.publish(1)
		if got := p.events(); got != "floor 1 d" || p.over() {
			t.Errorf("after an hour: %q, over %v", got, p.over())
		}
	})
}

func TestTooManyListeners(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, Options{Listeners: 2})
		first := b.open("", view, "")
		b.open("", view, "")
		p := b.open("", view, "")
		after, err := strconv.Atoi(p.response.Header.Get("Retry-After"))
		if p.response.StatusCode != 503 || err != nil || after < 5 || after > 15 {
			t.Errorf("%s with %v", p.response.Status, p.response.Header)
		}
		first.conn.Close()
		synctest.Wait()
		if p := b.open("", view, ""); p.response.StatusCode != 200 {
			t.Errorf("after one has left: %s", p.response.Status)
		}
		if s := b.hub.Stats(); s.Listeners != 2 || s.Refused != 1 {
			t.Errorf("stats %+v", s)
		}
	})
}

func TestCloseLetsTheServerStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, Options{})
		pages := []*page{b.open("", view, ""), b.open("", "ar.public", "")}
		_, in := b.request("", view, "") // one that stalls
		if _, err := http.ReadResponse(in, nil); err != nil {
			t.Fatal(err)
		}
		b.publish(1, 2, 3)
		begun := time.Now()
		b.hub.Close()
		if err := b.server.Shutdown(context.Background()); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(begun); d > 3*time.Second {
			t.Errorf("the stop took %s", d)
		}
		for _, p := range pages {
			if !p.over() {
				t.Error("a page is still open")
			}
		}
		w := httptest.NewRecorder()
		b.hub.Serve(w, httptest.NewRequest("GET", "/", nil), topic, view)
		if w.Code != 503 {
			t.Errorf("a closed hub answers %d", w.Code)
		}
		b.publish(4) // goes nowhere
		b.hub.Close()
	})
}

func TestMoreThanCanBePassedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, Options{})
		p := b.open("", view, "")
		b.publish(1)
		b.hub.mu.Lock() // the hub stands still
		for i := range inboxSize + 10 {
			if err := b.hub.Publish(topic, view, "floor", strconv.Itoa(10+i), nil); err != nil {
				t.Fatal(err)
			}
		}
		b.hub.mu.Unlock()
		if !p.over() {
			t.Error("the page was not closed")
		}
		if got := b.open("Last-Event-ID: 10\r\n", view, "").events(); !strings.HasPrefix(got, "reload ") {
			t.Errorf("after that: %q", got)
		}
	})
}

func TestRingIsBoundedInBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, Options{})
		for i := range 20 {
			if err := b.hub.Publish(topic, view, "floor", strconv.Itoa(i), make([]byte, maxData/2)); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		s := b.hub.streams[key{topic, view}]
		sum := 0
		for _, e := range s.ring {
			sum += len(e.frame)
		}
		if s.bytes != sum || sum > ringBytes || len(s.ring) != 7 || s.ring[6].id != "19" {
			t.Errorf("%d events with %d bytes, counted as %d", len(s.ring), sum, s.bytes)
		}
	})
}

func TestOnlyGet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, Options{})
		w := httptest.NewRecorder()
		b.hub.Serve(w, httptest.NewRequest("POST", "/", nil), topic, view)
		if w.Code != 405 || w.Header().Get("Allow") != "GET" || b.hub.Stats().Listeners != 0 {
			t.Errorf("POST answers %d, %v", w.Code, w.Header())
		}
	})
}

// wire records the deadlines that are set on a connection.
type wire struct {
	*httptest.ResponseRecorder
	deadlines []time.Time
	fail      error
}

func (w *wire) SetWriteDeadline(t time.Time) error {
	w.deadlines = append(w.deadlines, t)
	return w.fail
}
func (w *wire) SetReadDeadline(t time.Time) error {
	if !t.IsZero() {
		return errors.New("a read deadline was set")
	}
	return nil
}

func TestNoDeadlineStaysBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBed(t, Options{})
		w := &wire{ResponseRecorder: httptest.NewRecorder()}
		ctx, cancel := context.WithCancel(t.Context())
		over := make(chan bool)
		go func() {
			b.hub.Serve(w, httptest.NewRequestWithContext(ctx, "GET", "/", nil), topic, view)
			close(over)
		}()
		synctest.Wait()
		b.publish(1)
		time.Sleep(heartbeat)
		synctest.Wait()
		cancel()
		<-over
		if len(w.deadlines) != 6 {
			t.Errorf("%d deadlines for three writes: %v", len(w.deadlines), w.deadlines)
		}
		for i, d := range w.deadlines {
			if (i%2 == 0) == d.IsZero() {
				t.Errorf("deadline %d is %v", i, d)
			}
		}
		w.fail = net.ErrClosed
		b.hub.Serve(w, httptest.NewRequest("GET", "/", nil), topic, view)
		if n := b.hub.Stats().Listeners; n != 0 {
			t.Errorf("%d listeners are left", n)
		}
	})
}

// TestHTTP2 runs over a real connection, as browsers connect.
func TestHTTP2(t *testing.T) {
	hub, err := NewHub(Options{Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { hub.Serve(w, r, topic, view) }))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	defer hub.Close()
	res, err := server.Client().Get(server.URL + "?last=" + hub.Last(topic, view))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.ProtoMajor != 2 {
		t.Fatalf("protocol %s", res.Proto)
	}
	go hub.Publish(topic, view, "floor", "1", []byte("hello"))
	in := bufio.NewScanner(res.Body)
	for in.Scan() {
		if in.Text() == "data: hello" {
			hub.Close()
		}
	}
	if err := in.Err(); err != nil {
		t.Error(err)
	}
}

func BenchmarkPass(b *testing.B) {
	hub, err := NewHub(Options{Random: rand.Reader})
	if err != nil {
		b.Fatal(err)
	}
	defer hub.Close()
	const n = 3000
	rc := http.NewResponseController(httptest.NewRecorder())
	var all []*listener
	for range n {
		l, _ := hub.join(key{topic, view}, "", rc)
		all = append(all, l)
	}
	f, err := frame("floor", "1", make([]byte, 300))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		hub.pass(event{key{topic, view}, "1", f})
		for _, l := range all {
			<-l.frames
		}
	}
}
