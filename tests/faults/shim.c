/* A layer between the program and the C library that fails what it is told to fail.
 *
 *   FAULT_ROOT    only files below this folder count
 *   FAULT_KIND    open | read | write | sync | rename | remove | short, or several of them
 *   FAULT_AT      the how manyth operation of that kind fails, from 1
 *   FAULT_ERRNO   with which error
 *   FAULT_LASTS   if set, every later operation of that kind fails too
 *   FAULT_TOLD    a file that is made when a fault was dealt out
 *
 * Kind "pause" fails nothing: at the given opening of a file the program stops until it is told to go on.
 * Kind "short" fails nothing: from the given operation on, reads and writes do a few bytes at a time.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FEW 7

static const char *root, *kind, *told;
static long at, error_number, lasts;
static atomic_long count;

__attribute__((constructor)) static void begin(void) {
    root = getenv("FAULT_ROOT");
    kind = getenv("FAULT_KIND");
    told = getenv("FAULT_TOLD");
    at = getenv("FAULT_AT") ? atol(getenv("FAULT_AT")) : 0;
    error_number = getenv("FAULT_ERRNO") ? atol(getenv("FAULT_ERRNO")) : EIO;
    lasts = getenv("FAULT_LASTS") != NULL;
}

static int below_root(const char *path) {
    if (!root || !kind) return 0;
    return path[0] != '/' || strncmp(path, root, strlen(root)) == 0;
}

static int is_ours(int file) {
    char link[64], path[PATH_MAX];
    if (!root || !kind) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return path[0] == '/' && strncmp(path, root, strlen(root)) == 0;
}

/* Whether this operation is the one. */
static int strikes(const char *of, int ours) {
    if (!kind || !strstr(kind, of) || !ours) return 0;
    long number = atomic_fetch_add(&count, 1) + 1;
    if (number != at && !(lasts && number > at)) return 0;
    if (told) {
        int mark = syscall(SYS_openat, AT_FDCWD, told, O_CREAT | O_WRONLY, 0600);
        if (mark >= 0) syscall(SYS_close, mark);
    }
    return 1;
}

#define FAIL(of, ours) do { if (strikes(of, ours)) { errno = error_number; return -1; } } while (0)
#define PAUSE(path) do { if (strikes("pause", below_root(path))) raise(SIGSTOP); } while (0)
#define CUT(file, length) do { if ((length) > FEW && strikes("short", is_ours(file))) (length) = FEW; } while (0)

#define OPENER(name)                                                                \
    int name(const char *path, int flags, ...) {                                    \
        va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
        FAIL("open", below_root(path));                                             \
        PAUSE(path);                                                                \
        return REAL(name)(path, flags, mode);                                       \
    }
OPENER(open)
OPENER(open64)

#define OPENER_AT(name)                                                             \
    int name(int folder, const char *path, int flags, ...) {                        \
        va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
        FAIL("open", below_root(path));                                             \
        return REAL(name)(folder, path, flags, mode);                               \
    }
OPENER_AT(openat)
OPENER_AT(openat64)

DIR *opendir(const char *path) {
    if (strikes("open", below_root(path))) { errno = error_number; return NULL; }
    return REAL(opendir)(path);
}

int mkdir(const char *path, mode_t mode) {
    FAIL("open", below_root(path));
    return REAL(mkdir)(path, mode);
}

ssize_t read(int file, void *buffer, size_t length) {
    FAIL("read", is_ours(file));
    CUT(file, length);
    return REAL(read)(file, buffer, length);
}

ssize_t pread(int file, void *buffer, size_t length, off_t place) {
    FAIL("read", is_ours(file));
    CUT(file, length);
    return REAL(pread)(file, buffer, length, place);
}

ssize_t pread64(int file, void *buffer, size_t length, off64_t place) {
    FAIL("read", is_ours(file));
    CUT(file, length);
    return REAL(pread64)(file, buffer, length, place);
}

struct dirent64 *readdir64(DIR *folder) {
    if (strikes("read", is_ours(dirfd(folder)))) { errno = error_number; return NULL; }
    return REAL(readdir64)(folder);
}

ssize_t write(int file, const void *buffer, size_t length) {
    FAIL("write", is_ours(file));
    CUT(file, length);
    return REAL(write)(file, buffer, length);
}

ssize_t writev(int file, const struct iovec *parts, int count_of_parts) {
    FAIL("write", is_ours(file));
    if (count_of_parts > 1 && strikes("short", is_ours(file))) count_of_parts = 1;
    return REAL(writev)(file, parts, count_of_parts);
}

ssize_t pwrite(int file, const void *buffer, size_t length, off_t place) {
    FAIL("write", is_ours(file));
    CUT(file, length);
    return REAL(pwrite)(file, buffer, length, place);
}

ssize_t pwrite64(int file, const void *buffer, size_t length, off64_t place) {
    FAIL("write", is_ours(file));
    CUT(file, length);
    return REAL(pwrite64)(file, buffer, length, place);
}

ssize_t copy_file_range(int from, off64_t *from_place, int to, off64_t *to_place, size_t length, unsigned flags) {
    FAIL("write", is_ours(to));
    CUT(to, length);
    return REAL(copy_file_range)(from, from_place, to, to_place, length, flags);
}

int fsync(int file) {
    FAIL("sync", is_ours(file));
    return REAL(fsync)(file);
}

int fdatasync(int file) {
    FAIL("sync", is_ours(file));
    return REAL(fdatasync)(file);
}

int rename(const char *from, const char *to) {
    FAIL("rename", below_root(to));
    return REAL(rename)(from, to);
}

int unlink(const char *path) {
    FAIL("remove", below_root(path));
    return REAL(unlink)(path);
}

int unlinkat(int folder, const char *path, int flags) {
    FAIL("remove", below_root(path));
    return REAL(unlinkat)(folder, path, flags);
}

int rmdir(const char *path) {
    FAIL("remove", below_root(path));
    return REAL(rmdir)(path);
}
