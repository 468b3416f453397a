unsigned long strlen(const char *);
char *strcpy(char *, const char *);
void *memcpy(void *, const void *, unsigned long);
