package scrub

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
)

const pngMagic = "\x89PNG\r\n\x1a\n"

// pngKept are the chunks that make the picture (PNG, third edition, 11, and the animation chunks).
const pngKept = " IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP mDCV cLLI sBIT bKGD pHYs sPLT hIST acTL fcTL fdAT "

// pngRemoved names what other chunks hold.
func pngRemoved(kind string) string {
	switch kind {
	case "tEXt", "zTXt", "iTXt":
		return "texts"
	case "eXIf":
		return "EXIF"
	case "tIME":
		return "time"
	}
	return "vendor data"
}

// maxSmall is the longest chunk that is read into memory: one with EXIF.
const maxSmall = 1 << 20

// png copies the chunks that make the picture and leaves out all others.
func png(out io.Writer, src io.Reader, report *Report) error {
	in, w := bufio.NewReader(src), bufio.NewWriter(out)
	if _, err := io.CopyN(w, in, int64(len(pngMagic))); err != nil {
		return damaged(err)
	}
	for {
		var head [8]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return damaged(err)
		}
		n, kind := int64(binary.BigEndian.Uint32(head[:])), string(head[4:])
		if n >= 1<<31 {
			return fmt.Errorf("%w: a chunk is too long", ErrDamaged)
		}
		kept := strings.Contains(pngKept, " "+kind+" ")
		if !kept && kind[0]&0x20 == 0 {
			return fmt.Errorf("%w: an unknown chunk without which it cannot be seen", ErrDamaged)
		}
		if !kept {
			report.removed(pngRemoved(kind))
		}
		var small strings.Builder
		crc := crc32.NewIEEE()
		crc.Write(head[4:])
		to := io.Writer(crc)
		switch {
		case kept:
			w.Write(head[:])
			to = io.MultiWriter(crc, w)
		case kind == "eXIf" && n <= maxSmall:
			to = io.MultiWriter(crc, &small)
		}
		if _, err := io.CopyN(to, in, n); err != nil {
			return damaged(err)
		}
		var sum [4]byte
		if _, err := io.ReadFull(in, sum[:]); err != nil {
			return damaged(err)
		}
		if binary.BigEndian.Uint32(sum[:]) != crc.Sum32() {
			return fmt.Errorf("%w: the checksum of a chunk", ErrDamaged)
		}
		switch {
		case kept:
			w.Write(sum[:])
			if kind == "iCCP" {
				report.kept("colour profile")
			}
		case kind == "eXIf":
			if hasLocation([]byte(small.String())) {
				report.removed("location")
			}
			if o := findOrientation([]byte(small.String())); o > 1 {
				report.kept("orientation")
				putChunk(w, "eXIf", orientationTIFF(o))
			}
		}
		if kind == "IEND" {
			if _, err := in.Peek(1); err == nil {
				report.removed("data after the picture")
			}
			return w.Flush()
		}
	}
}

func putChunk(w *bufio.Writer, kind string, data []byte) {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, kind...), data...)
	w.Write(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:])))
}
