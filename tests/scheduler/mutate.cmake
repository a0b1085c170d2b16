# cmake -D IN=FILE -D OUT=FILE -D "FROM=text" -D "TO=text" -P mutate.cmake
# Writes a copy with one text replaced; fails when the text is not there (any more).
file(READ "${IN}" text)
string(REPLACE "${FROM}" "${TO}" mutant "${text}")
if(mutant STREQUAL text)
  message(FATAL_ERROR "mutants.cmake: \"${FROM}\" is not in ${IN}; give the mutant the new text")
endif()
file(WRITE "${OUT}" "${mutant}")
