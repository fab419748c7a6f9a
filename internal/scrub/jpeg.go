package scrub

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
)

// Markers of JPEG (ITU-T T.81, table B.1).
const (
	soi  = 0xd8
	eoi  = 0xd9
	sos  = 0xda
	app0 = 0xe0
)

// jpeg copies the segments that make the picture and leaves out all others.
func jpeg(out io.Writer, src io.Reader, report *Report) error {
	in, w := bufio.NewReader(src), bufio.NewWriter(out)
	w.Write([]byte{0xff, soi})
	if _, err := in.Discard(2); err != nil {
		return damaged(err)
	}
	turned := false // the orientation has been written
	marker, err := nextMarker(in)
	for err == nil && marker != eoi {
		var payload []byte
		if payload, err = segment(in); err != nil {
			break
		}
		switch {
		case marker == sos:
			putSegment(w, marker, payload)
			marker, err = copyScan(w, in)
			continue
		case marker >= 0xc0 && marker <= 0xcf, marker >= 0xdb && marker <= 0xdf: // frames, tables, intervals
			putSegment(w, marker, payload)
		case marker >= app0 && marker <= 0xef:
			kept, what, orientation := application(marker, payload)
			if len(kept) < len(payload) {
				report.removed(what)
			}
			if hasLocation(payload) {
				report.removed("location")
			}
			if kept != nil {
				putSegment(w, marker, kept)
			}
			if kept != nil && what == "colour profile" {
				report.kept(what)
			}
			if orientation > 1 && !turned {
				turned = true
				report.kept("orientation")
				putSegment(w, 0xe1, append([]byte(exifMagic), orientationTIFF(orientation)...))
			}
		case marker == 0xfe:
			report.removed("comment")
		default:
			return fmt.Errorf("%w: segment %02x", ErrDamaged, marker)
		}
		marker, err = nextMarker(in)
	}
	if err != nil {
		return damaged(err)
	}
	w.Write([]byte{0xff, eoi})
	if _, err := in.Peek(1); err == nil { // such as a film, or a second picture
		report.removed("data after the picture")
	}
	return w.Flush()
}

// nextMarker reads a marker, with the bytes that may fill the room before it.
func nextMarker(in *bufio.Reader) (byte, error) {
	c, err := in.ReadByte()
	if err == nil && c != 0xff {
		return 0, fmt.Errorf("%w: a marker is missing", ErrDamaged)
	}
	for err == nil && c == 0xff {
		c, err = in.ReadByte()
	}
	return c, err
}

func segment(in *bufio.Reader) ([]byte, error) {
	var b [2]byte
	if _, err := io.ReadFull(in, b[:]); err != nil {
		return nil, err
	}
	n := int(b[0])<<8 | int(b[1])
	if n < 2 {
		return nil, fmt.Errorf("%w: a segment is too short", ErrDamaged)
	}
	payload := make([]byte, n-2)
	_, err := io.ReadFull(in, payload)
	return payload, err
}

func putSegment(w *bufio.Writer, marker byte, payload []byte) {
	n := len(payload) + 2
	w.Write([]byte{0xff, marker, byte(n >> 8), byte(n)})
	w.Write(payload)
}

// copyScan copies entropy-coded data to the marker after it, which is given.
func copyScan(w *bufio.Writer, in *bufio.Reader) (byte, error) {
	for {
		c, err := in.ReadByte()
		if err != nil {
			return 0, err
		}
		if c != 0xff {
			w.WriteByte(c)
			continue
		}
		for c == 0xff && err == nil {
			c, err = in.ReadByte()
		}
		if err != nil {
			return 0, err
		}
		if c != 0 && (c < 0xd0 || c > 0xd7) { // neither a data byte FF nor a restart
			return c, nil
		}
		w.Write([]byte{0xff, c})
	}
}

const (
	exifMagic = "Exif\x00\x00"
	iccMagic  = "ICC_PROFILE\x00"
)

// application says what of an application segment stays, what it is, and which orientation it says.
func application(marker byte, payload []byte) (kept []byte, what string, orientation int) {
	has := func(magic string) bool { return bytes.HasPrefix(payload, []byte(magic)) }
	switch {
	case marker == app0 && has("JFIF\x00") && len(payload) >= 14:
		kept := bytes.Clone(payload[:14])
		kept[12], kept[13] = 0, 0 // width and height of a thumbnail
		return kept, "thumbnail", 0
	case marker == app0:
		return nil, "thumbnail", 0
	case marker == 0xe1 && has(exifMagic):
		return nil, "EXIF", findOrientation(payload[len(exifMagic):])
	case marker == 0xe1:
		return nil, "XMP", 0
	case marker == 0xe2 && has(iccMagic):
		return payload, "colour profile", 0
	case marker == 0xed:
		return nil, "IPTC", 0
	case marker == 0xee && has("Adobe") && len(payload) >= 12: // says how colours are coded
		return payload[:12], "vendor data", 0
	}
	return nil, "vendor data", 0
}
