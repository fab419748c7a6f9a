package live

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Serve answers a request with the events of a topic in a view, until either side ends it. Who may hear the
// topic is decided before. The request may say which event it saw last in the header Last-Event-ID, as
// browsers do when they reconnect, or as ?last=, as a page does at first.
//
// Serve lifts the server's read and write timeouts for this connection and gives each write ten seconds.
func (h *Hub) Serve(w http.ResponseWriter, r *http.Request, topic string, view View) {
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", http.MethodGet)
		http.Error(w, "events are read with GET", http.StatusMethodNotAllowed)
		return
	}
	jitter, err := h.jitter()
	if err != nil {
		h.o.Log.Error("live page not served", "err", err)
		http.Error(w, "events cannot be sent now", http.StatusInternalServerError)
		return
	}
	last := r.Header.Get("Last-Event-ID")
	if last == "" {
		last = r.URL.Query().Get("last")
	}
	rc := http.NewResponseController(w)
	l, missed := h.join(key{topic, view}, last, rc)
	if l == nil {
		w.Header().Set("Retry-After", strconv.Itoa(5+int(jitter/time.Second)))
		http.Error(w, "too many open live pages; the page works without", http.StatusServiceUnavailable)
		return
	}
	defer h.leave(l)
	if err := rc.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no") // nginx would collect events otherwise
	w.WriteHeader(http.StatusOK)
	// All listeners lose their connection at once when a program stops, and must not come back at once.
	hello := fmt.Appendf(nil, "retry: %d\n\n", (2*time.Second + jitter).Milliseconds())
	if l.write(w, append([][]byte{hello}, missed...)...) != nil {
		return
	}
	for {
		select {
		case <-r.Context().Done():
			return
		case f, open := <-l.frames:
			if !open || h.closing.Load() {
				return
			}
			if l.write(w, f) != nil {
				return
			}
		}
	}
}

// write sends frames, and whatever else waits by then, in one flush. It leaves no deadline behind: on HTTP/2
// one that passes ends the stream even when nothing is being written.
func (l *listener) write(w io.Writer, frames ...[]byte) error {
	if err := deadline(l.rc, time.Now().Add(patience)); err != nil { // the kernel's clock, not the program's
		return err
	}
	for _, f := range frames {
		if _, err := w.Write(f); err != nil {
			return err
		}
	}
	for more := true; more; {
		select {
		case f, open := <-l.frames:
			if more = open; open {
				if _, err := w.Write(f); err != nil {
					return err
				}
			}
		default:
			more = false
		}
	}
	if err := l.rc.Flush(); err != nil {
		return err
	}
	return deadline(l.rc, time.Time{})
}

func deadline(rc *http.ResponseController, t time.Time) error {
	if err := rc.SetWriteDeadline(t); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}

// jitter draws a time below ten seconds.
func (h *Hub) jitter() (time.Duration, error) {
	var b [2]byte
	if _, err := io.ReadFull(h.o.Random, b[:]); err != nil {
		return 0, fmt.Errorf("drawing a pause: %w", err)
	}
	return 10 * time.Second * time.Duration(binary.BigEndian.Uint16(b[:])) / (1 << 16), nil
}
