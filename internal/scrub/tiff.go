package scrub

import (
	"bytes"
	"encoding/binary"
)

// Tags of EXIF (CIPA DC-008).
const (
	tagOrientation = 0x0112
	tagLocation    = 0x8825
)

// entries calls do with the tag, type, count and value of each entry of the first directory, as far as they stand
// in the data.
func entries(tiff []byte, do func(tag, kind uint16, count uint32, value []byte, order binary.ByteOrder)) {
	var order binary.ByteOrder = binary.BigEndian
	switch {
	case bytes.HasPrefix(tiff, []byte("II*\x00")):
		order = binary.LittleEndian
	case !bytes.HasPrefix(tiff, []byte("MM\x00*")):
		return
	}
	if len(tiff) < 8 {
		return
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return
	}
	n := uint64(order.Uint16(tiff[at:]))
	for at += 2; n > 0 && at+12 <= uint64(len(tiff)); at, n = at+12, n-1 {
		e := tiff[at : at+12]
		do(order.Uint16(e), order.Uint16(e[2:]), order.Uint32(e[4:]), e[8:], order)
	}
}

// findOrientation gives how the picture is to be turned, 1 to 8; 0 when it is not said.
func findOrientation(tiff []byte) (orientation int) {
	entries(tiff, func(tag, kind uint16, count uint32, value []byte, order binary.ByteOrder) {
		if v := order.Uint16(value); tag == tagOrientation && kind == 3 && count == 1 && v >= 1 && v <= 8 {
			orientation = int(v)
		}
	})
	return orientation
}

// hasLocation tells whether a segment says where the picture was taken.
func hasLocation(payload []byte) (found bool) {
	entries(bytes.TrimPrefix(payload, []byte(exifMagic)), func(tag, _ uint16, _ uint32, _ []byte, _ binary.ByteOrder) {
		found = found || tag == tagLocation
	})
	return found
}

// orientationTIFF is a directory with the orientation and nothing else.
func orientationTIFF(orientation int) []byte {
	return []byte{'M', 'M', 0, '*', 0, 0, 0, 8, 0, 1, tagOrientation >> 8, tagOrientation & 0xff, 0, 3, 0, 0, 0, 1, 0, byte(orientation), 0, 0, 0, 0, 0, 0}
}
