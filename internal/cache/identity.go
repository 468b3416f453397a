package cache

import (
	"encoding/hex"
	"fmt"
	"os"
	"syscall"
)

// maxBuildID is more than any linker writes.
const maxBuildID = 64

// Identity says which file something was made from. With a build-id the file may be moved and copied; without one it
// is the same only as long as its inode is left alone.
type Identity struct {
	BuildID      []byte
	Size         int64
	ModTime      int64 // ns since 1970
	ChangeTime   int64 // ns since 1970; 0 with a build-id, as are Device and Inode
	Device, Node uint64
}

// IdentityOf takes a file's identity from its open descriptor's information.
func IdentityOf(st os.FileInfo, buildID []byte) (Identity, bool) {
	id := Identity{Size: st.Size(), ModTime: st.ModTime().UnixNano()}
	if n := len(buildID); n >= 4 && n <= maxBuildID {
		id.BuildID = buildID
		return id, true
	}
	sys, ok := st.Sys().(*syscall.Stat_t)
	if !ok {
		return id, false
	}
	id.ChangeTime = sys.Ctim.Nano()
	id.Device, id.Node = uint64(sys.Dev), sys.Ino
	return id, true
}

// name is the file in the cache.
func (id *Identity) name() string {
	if len(id.BuildID) > 0 {
		return hex.EncodeToString(id.BuildID)
	}
	return fmt.Sprintf("dev%x-inode%x", id.Device, id.Node)
}
